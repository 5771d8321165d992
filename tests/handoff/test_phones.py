"""Phone numbers as people type them; what is none; and putting a part of one right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.details import read_details
from bot.handoff.phone_parts import find_phone_part
from bot.handoff.phones import PhonePart, mend

DANA = "+17805550143"

NUMBERS = [
    "780-555-0143",
    "780 555 0143",
    "(780)555-0143",
    "(780) 555-0143",
    "(780)-555-0143",
    "780.555.0143",
    "7805550143",
    "17805550143",
    "1-780-555-0143",
    "1 (780) 555-0143",
    "+17805550143",
    "+1 780 555 0143",
    "+1 (780) 555 0143",
    "+1-780-555-0143",
    "780/555/0143",
    "780 - 555 - 0143",
    "780–555–0143",
    "780 5550143",
    "780555-0143",
    "780_555_0143",
    "780,555,0143",
    "７８０ ５５５ ０１４３",
    "780 555‑0143",
    "tel:7805550143",
    "tel7805550143",
    "#780-555-0143",
    "ph.780-555-0143",
]

IN_SENTENCES = [
    "text me on 780-555-0143 after five",
    "call after 5 780 555 0143",
    "between 2 and 4 780-555-0143",
    "I'm 45, 780-555-0143",
    "7805550143 is my cell",
    "my number:780-555-0143.",
    "my number's (780)555-0143!",
    "you can reach me at 780-555-0143 or dana@example.com",
    "cell=780-555-0143",
    "Dana\n780-555-0143\nSexsmith T8V 1A1",
    "T8V 1A1 780-555-0143",
    "my number is 78 0555 0143",
    "text 780 55 50 143",
    "last digit is 3 not 1, 780-555-0143",
    "5550143, area code 780",
    "780 555 O143",
    "78o 555 0143",
    "my area code is 780 and the number is 555-0143",
    "oops thats my old number 780-555-0199. new one is 780-555-0143",
    "not 780-555-0199, 780-555-0143",
    "wrong number, 780-555-0143",
    "780-555-0199 no wait 780-555-0143",
    "780-555-0199 sorry, actually 780-555-0143",
    "780-555-0143 or at work 780-555-0199",
    "don't call 780-555-0199, use 780-555-0143",
    "dispatcher at 911, call me on 780-555-0143",
]

NOT_PHONES = [
    "between 10:30 and 11:45",
    "call me at 530",
    "9-5",
    "it costs $1,200.00",
    "$7805550143",
    "I paid 300-1200 dollars",
    "born 1980-03-14",
    "14/03/1980",
    "since 2019 2020",
    "2018-2019",
    "T8V 1A1",
    "call 811",
    "dial 911 or 988",
    "reference GP-1182-22",
    "L4-5 and C5-6-7",
    "the needles are 0.25 x 40 mm",
    "1000 2000 3000",
    "my phone died",
    "4111 1111 1111 1111",
    "123456789012345678",
]

PROBLEMS = [
    ("555-0143", "contact", "area_code_missing"),
    ("5550143", "contact", "area_code_missing"),
    ("my number is 555-0143", None, "area_code_missing"),
    ("555-0143", None, "area_code_missing"),
    ("780-555-014", "contact", "too_short"),
    ("780 55", "contact", "too_short"),
    ("780-555-1", "contact", "too_short"),
    ("my number is 780-555-014", None, "too_short"),
    ("1234", "contact", "too_short"),
    ("780-555-01433", "contact", "too_long"),
    ("call me at 780-555-01433", None, "too_long"),
    ("12-780-555-0143", "contact", "too_long"),
    ("+44 20 7946 0958", None, "not_canadian_or_us"),
    ("text me +63 917 123 4567", None, "not_canadian_or_us"),
    ("876-555-0143", "contact", "not_canadian_or_us"),
    ("+1 809 555 0143", None, "not_canadian_or_us"),
    ("123-456-7890", None, "not_a_number"),
    ("1234567890", "contact", "not_a_number"),
    ("000-000-0000", None, "not_a_number"),
    ("222-222-2222", None, "not_a_number"),
    ("555-555-5555", None, "not_a_number"),
    ("780-155-0143", None, "not_a_number"),
    ("780-911-0143", None, "not_a_number"),
    ("911-555-0143", None, "not_a_number"),
    ("900-555-0143", None, "not_a_number"),
]


@pytest.mark.parametrize("typed", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "text me {} please", "I'm Dana, {}, evenings"])
def test_every_usual_spelling_is_read(typed: str, around: str) -> None:
    assert read_details(around.format(typed)).phone == DANA


@pytest.mark.parametrize("text", IN_SENTENCES)
def test_the_number_that_is_meant_is_found_among_other_figures(text: str) -> None:
    read = read_details(text)
    assert read.phone == DANA
    assert "0143" not in read.rest


@pytest.mark.parametrize("text", NOT_PHONES)
def test_other_figures_are_no_phone_numbers(text: str) -> None:
    read = read_details(text)
    assert read.phone is None
    assert "phone" not in read.problems


@pytest.mark.parametrize(
    "text", ["811", "call 911", "988", "not today", "why?", "after 5", "between 10 and 11:30", "2026-11-22"]
)
def test_neither_are_they_when_a_number_was_asked_for(text: str) -> None:
    read = read_details(text, "contact")
    assert read.phone is None
    assert "phone" not in read.problems


@pytest.mark.parametrize(("text", "expected", "problem"), PROBLEMS)
def test_a_number_that_cannot_be_used_is_told_why(text: str, expected: str | None, problem: str) -> None:
    read = read_details(text, expected)
    assert read.phone is None
    assert read.problems["phone"] == problem


@pytest.mark.parametrize("typed", ["ext 12", "ext. 12", "x12", "extension 12", ", ext 12", "#12"])
def test_an_extension_is_kept_apart(typed: str) -> None:
    read = read_details(f"call 780-555-0143 {typed} after 5")
    assert (read.phone, read.extension, read.best_time) == (DANA, "12", "after 5")


@pytest.mark.parametrize(
    "text", ["My number is 780-555-0161, sorry, 0143.", "780 555 0134 oops 43", "7805550133 i mean 0143"]
)
def test_an_ending_that_is_put_right_at_once_counts(text: str) -> None:
    assert read_details(text).phone == DANA


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("no, not 0143, 0134", "+17805550134"),
        ("it's 0134 not 0143", "+17805550134"),
        ("not 143, 134", "+17805550134"),
        ("that should be 0152 at the end", "+17805550152"),
        ("the last digit is 7 not 3", "+17805550147"),
        ("last four digits are 0198", "+17805550198"),
        ("the last digit ought to be 8", "+17805550148"),
        ("it ends in 0134", "+17805550134"),
        ("area code is 587 not 780", "+15875550143"),
        ("ah I typed the area code wrong it's 250", "+12505550143"),
    ],
)
def test_a_part_of_a_number_is_put_right(text: str, number: str) -> None:
    part = read_details(text).phone_part
    assert part is not None
    assert mend(DANA, part) == number


@pytest.mark.parametrize(
    "part", [PhonePart("ending", "0134", "9999"), PhonePart("area", "911"), PhonePart("area", "587", "403")], ids=str
)
def test_a_part_that_does_not_fit_changes_nothing(part: PhonePart) -> None:
    assert mend(DANA, part) is None


@pytest.mark.parametrize(
    "text", ["not 10, 1030", "not mornings, evenings", "between 2 and 4", "call 780-555-0143", "after 5 not before 5"]
)
def test_other_corrections_are_no_part_of_a_number(text: str) -> None:
    assert read_details(text).phone_part is None


three = st.tuples(st.sampled_from("23456789"), st.sampled_from("02345678"), st.sampled_from("0123456789")).map("".join)
areas = st.sampled_from(
    ["780", "587", "825", "403", "368", "250", "778", "604", "416", "306", "907", "406", "204", "867", "212"]
)
lines = st.integers(0, 9999).map("{:04}".format)
spellings = st.sampled_from(
    [
        "{}-{}-{}",
        "{} {} {}",
        "({}) {}-{}",
        "({}){}-{}",
        "{}.{}.{}",
        "{}{}{}",
        "1{}{}{}",
        "1-{}-{}-{}",
        "+1{}{}{}",
        "+1 {} {} {}",
        "+1 ({}) {}-{}",
    ]
)
sentences = st.sampled_from(
    [
        "{}",
        "text me on {} after five, it's about acne scars",
        "Dana {}",
        "im dana, {} evenings after 5",
        "call me at {}.",
        "my cell is {}, thanks",
        "between 2 and 4, {}?",
        "{}\nDana",
        "I live in Sexsmith; phone: {}!",
        "email me dana@example.com or call {}",
    ]
)


@given(areas, three, lines, spellings, sentences)
def test_any_number_in_any_usual_spelling_inside_any_sentence_is_found(
    area: str, exchange: str, line: str, spelling: str, sentence: str
) -> None:
    read = read_details(sentence.format(spelling.format(area, exchange, line)))
    assert read.phone == f"+1{area}{exchange}{line}"
    assert line not in read.rest


@given(st.text(alphabet="0123456789 -.()+/,x#not", max_size=60), st.sampled_from([None, "contact"]))
def test_what_is_found_in_any_figures_is_a_number_that_can_be_called(text: str, expected: str | None) -> None:
    read = read_details(text, expected)
    if read.phone:
        assert read.phone.startswith("+1")
        assert len(read.phone) == 12
        assert read.phone[2:].isdecimal()
        assert read.phone[5] in "23456789"


@given(st.text(max_size=200))
def test_a_part_that_is_found_has_digits_alone(text: str) -> None:
    part = find_phone_part(text)
    assert part is None or part.digits.isdecimal()
