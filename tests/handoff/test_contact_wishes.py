"""How and in which language somebody wants to be contacted."""

from __future__ import annotations

import pytest

from bot.handoff.details import read_details

KINDS = [
    ("text me", "text"),
    ("text me on 780-555-0143", "text"),
    ("pls txt 780 555 0143", "text"),
    ("by text please", "text"),
    ("I prefer text", "text"),
    ("text only pls, cant pick up at work", "text"),
    ("text", "text"),
    ("send me a text", "text"),
    ("text is better than calling", "text"),
    ("don't call, text me", "text"),
    ("no calls please, text only", "text"),
    ("text or call, either works", "text"),
    ("can u get someone to text me about filler", "text"),
    ("best is my cell, 780 555 0133, just text though because I never pick up", "text"),
    ("can they text? 587-555-0109", "text"),
    ("+1 587 555 0127 please write sms, by voice my english is not so good", "text"),
    ("780-555-0141, a text would be less scary than a call lol", "text"),
    ("call me", "phone"),
    ("call 780-555-0143", "phone"),
    ("call me after five", "phone"),
    ("call me, dont email", "phone"),
    ("give me a call", "phone"),
    ("phone me", "phone"),
    ("by phone", "phone"),
    ("a call is fine", "phone"),
    ("ring me back", "phone"),
    ("you can call after 6", "phone"),
    ("please have someone call me", "phone"),
    ("phone is best", "phone"),
    ("email is best", "email"),
    ("email me", "email"),
    ("by email please", "email"),
    ("e-mail me at dana@example.com", "email"),
    ("email", "email"),
    ("rather email than phone", "email"),
    ("no email me dont phone", "email"),
    ("shoot me an email", "email"),
]


@pytest.mark.parametrize(("text", "kind"), KINDS, ids=[text for text, _ in KINDS])
@pytest.mark.parametrize("expected", [None, "contact"])
def test_the_way_that_was_asked_for_is_read(text: str, kind: str, expected: str | None) -> None:
    assert read_details(text, expected).contact_kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "call me Dana",
        "just call me Bo",
        "what do you call it",
        "it is called needling",
        "who do I call",
        "how can I reach you by phone",
        "my phone died",
        "my number is 780-555-0143",
        "my email is dana@example.com",
        "780-555-0143",
        "change my phone to 780 555 0143",
        "please delete my email dana@example.com",
        "no email",
        "is the text on the page right?",
        "can you call an ambulance",
        "I'm on call this week",
        "write me a poem",
    ],
)
def test_other_calls_and_texts_are_no_wish(text: str) -> None:
    assert read_details(text).contact_kind is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("call me in French please", "fr"),
        ("en français s'il vous plaît", "fr"),
        ("text me in punjabi", "pa"),
        ("someone who speaks Tagalog", "tl"),
        ("a Ukrainian speaking provider", "uk"),
        ("french pls", "fr"),
        ("I'd be more comfortable in Hindi", "hi"),
        ("por favor en español", "es"),
        ("in german please, my dad doesn't understand this", "de"),
        ("Cantonese", "zh"),
        ("english only", "en"),
    ],
)
def test_the_language_that_was_asked_for_is_read(text: str, language: str) -> None:
    assert read_details(text).language == language


@pytest.mark.parametrize(
    "text",
    [
        "do you speak French?",
        "I don't speak French",
        "not in English",
        "is it Chinese medicine?",
        "my German shepherd",
        "how do you say it in Cree",
        "call me",
    ],
)
def test_other_mentions_of_a_language_are_no_wish(text: str) -> None:
    assert read_details(text).language is None
