"""When to be contacted: short phrases, and nothing else of what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.details import read_details

TIMES = [
    ("text me on 780-555-0143 after five, it's about acne scars", "after five"),
    ("evenings after 5", "evenings after 5"),
    ("mornings", "mornings"),
    ("weekday evenings", "weekday evenings"),
    ("any time", "any time"),
    ("anytime really", "anytime"),
    ("between 2 and 4", "between 2 and 4"),
    ("2-4", "2-4"),
    ("9 to 5", "9 to 5"),
    ("Tuesday", "Tuesday"),
    ("tues or thurs", "tues or thurs"),
    ("mon-fri 9-5", "mon-fri 9-5"),
    ("after work", "after work"),
    ("call me after supper", "after supper"),
    ("not before noon", "not before noon"),
    ("call me anytime after 3:30pm except Fridays", "anytime after 3:30pm except Fridays"),
    ("weekday mornings before 10 work best", "weekday mornings before 10"),
    ("5 pm onwards", "5 pm onwards"),
    ("after 17:00", "after 17:00"),
    ("after 5ish", "after 5ish"),
    ("half past 5", "half past 5"),
    ("days off only", "days off only"),
    ("you can phone me on my lunch break, noon to one", "on my lunch break, noon to one"),
    ("I'm a butcher, so after 4 is best", "after 4"),
    ("best is monday after school drop off", "monday after school"),
    ("best time is tuesday mornings", "tuesday mornings"),
    ("im free weekends", "weekends"),
    ("I'm available after 6", "after 6"),
    ("Weekends only, I'm up north", "Weekends only"),
    ("not mornings, I work nights at the hospital", "not mornings"),
    ("whenever, im retired", "whenever"),
    ("can someone call me tomorrow?", "tomorrow"),
    ("call me in 20 minutes", "in 20 minutes"),
    ("before 9 or after 6 in the evening", "before 9 or after 6 in the evening"),
    ("i said mornings, change it to after 5", "after 5"),
    ("i said evening but i meant afternoon", "afternoon"),
    ("actually mornings are better", "mornings"),
    ("*friday", "friday"),
    ("Not Tuesday, I've got a calf sale that day. Wednesday.", "Not Tuesday, Wednesday"),
    ("asap", "asap"),
    ("weekdys after 5", "weekdys after 5"),
    ("afternoons pls", "afternoons"),
    ("Bree, 780-555-0133, evenings", "evenings"),
    ("dana@example.com, weekday afternoons or sat", "weekday afternoons or sat"),
]

ASKED = [
    ("morning", "morning"),
    ("5", "5"),
    ("5 or 6", "5 or 6"),
    ("my mistake, after 5 not before 5", "after 5 not before 5"),
    ("late evening like 8ish", "late evening, 8ish"),
    ("sun", "sun"),
    ("june 5th after 2", "june 5th after 2"),
    ("I get off work at 6 so after that", "at 6"),
    ("when my shift ends, around 7", "around 7"),
    ("doesn't matter", "doesn't matter"),
    ("no preference", "no preference"),
    ("M-F after 4", "M-F after 4"),
    ("Mon Wed Fri", "Mon Wed Fri"),
    ("lunch", "lunch"),
    ("tuesday the 14th", "tuesday the 14th"),
    ("after the long weekend", "after the long weekend"),
    ("never on sundays", "not on sundays"),
    ("rather you didn't call before 10am", "not before 10am"),
    ("mornings are ok, i dont pick up after lunch", "mornings, not after lunch"),
    ("I'm at the mine so no signal till 7pm", "not till 7pm"),
    ("Not Fridays. Any other day after 4.", "Not Fridays, Any other day after 4"),
    ("after supper but before 8", "after supper but before 8"),
    ("I work nights so afternoons please", "afternoons"),
    ("tonight or tomorrow night", "tonight or tomorrow night"),
]

NONE = [
    "how long after 5 sessions",
    "my jaw hurts since tuesday",
    "good morning",
    "Morning!",
    "is it worse at night?",
    "are you open on Saturday?",
    "can I exercise the next day",
    "two days after",
    "have a great weekend",
    "call me about sun spots",
    "it's about 5 scars",
    "night cream or needling, which is better",
    "do I need the day off work?",
    "not today",
    "someone was supposed to call me on Friday",
    "call me Dawn",
]


@pytest.mark.parametrize(("text", "phrase"), TIMES, ids=[text for text, _ in TIMES])
@pytest.mark.parametrize("expected", [None, "best_time"])
def test_a_time_is_read(text: str, phrase: str, expected: str | None) -> None:
    assert read_details(text, expected).best_time == phrase


@pytest.mark.parametrize(("text", "phrase"), ASKED, ids=[text for text, _ in ASKED])
def test_an_answer_is_a_time(text: str, phrase: str) -> None:
    assert read_details(text, "best_time").best_time == phrase


@pytest.mark.parametrize("text", NONE)
def test_other_times_are_not_those_for_contact(text: str) -> None:
    assert read_details(text).best_time is None


@pytest.mark.parametrize(
    "text",
    ["why", "skip", "why do you need that?", "no", "rather not say", "my jaw", "Sexsmith", "Dana", "after 3 sessions"],
)
def test_a_refusal_or_another_detail_is_no_time(text: str) -> None:
    assert read_details(text, "best_time").best_time is None


@pytest.mark.parametrize(
    "text",
    [
        "after 5, my husband Gord beats me home",
        "evenings, I take warfarin in the morning",
        "after my chemo on Tuesdays at 4",
    ],
)
def test_nothing_but_the_time_is_kept(text: str) -> None:
    phrase = read_details(text, "best_time").best_time
    assert phrase
    assert not any(word in phrase.lower() for word in ("gord", "husband", "warfarin", "chemo"))


pieces = st.lists(
    st.sampled_from(
        [
            "after",
            "five",
            "tuesday",
            "or",
            "not",
            "before",
            "noon",
            "evenings",
            ",",
            "weekdays",
            "Dana",
            "my",
            "9-5",
            "and",
            "the",
            "work",
            "jaw",
        ]
    ),
    max_size=60,
).map(" ".join)


@given(pieces, st.sampled_from([None, "best_time"]))
def test_a_time_is_short_and_of_words_for_times(text: str, expected: str | None) -> None:
    phrase = read_details(text, expected).best_time
    assert phrase is None or (0 < len(phrase) <= 60 and "Dana" not in phrase and "jaw" not in phrase)
