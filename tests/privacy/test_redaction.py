"""Redaction: what tells who wrote a text goes; what the text is about stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.redaction import redact

PERSONAL = [
    ("mail jane.doe@example.com please", "jane.doe@example.com"),
    ("JANE+x@EXAMPLE.CO.UK", "JANE+x@EXAMPLE.CO.UK"),
    ("see https://example.com/jane?x=1", "example.com/jane"),
    ("see www.example.com/jane", "example.com"),
    ("call 780-555-0100", "780-555-0100"),
    ("call (780) 555-0100", "555-0100"),
    ("call +1 780 555 0100 now", "555 0100"),
    ("call 780.555.0100", "0100"),
    ("call 780/555/0100", "0100"),
    ("call 780–555–0100", "0100"),
    ("tel7805550100", "7805550100"),
    ("my card is 12345-6789", "6789"),
    ("file 123456", "123456"),
    ("I live at T8V 1A1", "T8V"),
    ("postal code t8v1a1", "1a1"),
    ("postal code T8V-1A1", "1A1"),
    ("born 14/03/1980", "1980"),
    ("born 1980-03-14", "1980"),
    ("born 1980/3/14", "1980"),
    ("born March 3, 1980", "March 3"),
    ("born on the 3rd of March 1980", "March"),
    ("on Sept 14", "Sept 14"),
    ("my name is jane doe what does it cost", "jane doe"),
    ("my name is jane doe", "doe"),
    ("my name’s Jane", "Jane"),
    ("name: Jane Doe", "Doe"),
    ("I'm Dave Miller, is it safe", "Miller"),
    ("this is Jane", "Jane"),
    ("call me Dave", "Dave"),
    ("I saw Dr. Sarah Miller last week", "Miller"),
    ("mail dana at example dot com", "dana"),
    ("mail dana(at)example.com", "dana"),
    ("mail dana [at] example [dot] com", "dana"),
    ("mail dana.lee at example.com", "lee"),
    ("mail dana @ example . com", "dana"),
    ("mail dana＠example.com", "dana"),
    ("it is dana_lee at gmail", "dana_lee"),
    ("I am at dana.lee.example.com", "lee"),
    ("see facebook.com/dana.lee", "lee"),
    ("my insta is dana_lee88", "dana"),
    ("call seven eight zero five five five zero one four three", "eight zero"),
    ("call 780 five five five 0143", "0143"),
    ("call 780-555-O143", "143"),
    ("call 780 -- 555 -- 0143", "0143"),
    ("I live at 10210 104 Avenue", "104"),
    ("I live at 123 Main Street", "Main"),
    ("I live at 123 main street", "main"),
    ("my address is 55 Maple Cres NW", "Maple"),
    ("P.O. Box 123", "123"),
    ("Olena here, does it hurt", "Olena"),
    ("Thanks, Keanu", "Keanu"),
    ("Regards, Aiyana Singh", "Singh"),
    ("name is Olena", "Olena"),
    ("it's Tremblay, hello", "Tremblay"),
    ("I'm Jean-Luc Picard", "Luc"),
    ("I'm Émile", "mile"),
    ("my husband Singh had it", "Singh"),
    ("Mrs Keanu sent me", "Keanu"),
    ("this is priya calling", "priya"),
    ("je m'appelle Aiyana Singh", "Aiyana"),
]


@pytest.mark.parametrize(("text", "personal"), PERSONAL, ids=[text for text, _ in PERSONAL])
def test_what_is_personal_goes(text: str, personal: str) -> None:
    assert personal not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "does Botox or Juvederm hurt",
        "Dysport and Xeomin, which is better",
        "What is Dry Needling for TMJ",
        "is Microneedling better than HIFU",
        "Is Health Link free",
        "this is safe right?",
        "this is my third session",
        "this is Botox, right?",
        "call me back please",
        "i am 45 and weigh 85 kg, 3 sessions cost 250 dollars",
        "I decided in 2019 after 2 children",
        "may I ask 2 things",
        "I was at home when it happened. Come to think of it, no",
        "look at this dot on my face",
        "I'm NOT in danger",
        "MY WIFE WONT WAKE UP",
        "it's Botox, right?",
        "it's Monday, are you open?",
        "Anyone here?",
        "thanks Botox!",
        "one two three needles, how many does it take",
        "my instagram is full of ads",
        "3 sessions on the same street cost what",
        "see you @ 5",
        "what is the name of the method",
    ],
)
def test_what_the_question_is_about_stays(text: str) -> None:
    assert redact(text) == text


def test_the_rest_of_a_sentence_stands_around_what_was_taken_out() -> None:
    text = "my name is Jane Doe and I want to know if it hurts, mail a@example.com or call 780 555 0100"
    assert redact(text) == "my name is [name] and I want to know if it hurts, mail [email] or call [number]"


def test_redacting_twice_changes_nothing_more() -> None:
    once = redact("I'm Dave Miller, 780 555 0100, T8V 1A1, dave@example.com, 14/03/1980")
    assert redact(once) == once


WRITTEN = st.one_of(
    st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=60),
    st.lists(
        st.sampled_from(["a", "@", ".", "7", "0", "5", "-", " ", "(", ")", "+", "/", "Jane", "x@y.z", "\n", "[", "٣"]),
        max_size=60,
    ).map("".join),
)


@given(WRITTEN)
def test_no_address_and_no_long_number_survives(text: str) -> None:
    kept = redact(text)
    assert not re.search(r"\S@\S", kept)
    assert not re.search(r"\d{7}", kept)
    assert not re.search(r"\d(?:[ .()-]?\d){6,}", kept)
