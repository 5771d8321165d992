"""What an enquiry is about, in visitors' words and spelling."""

from __future__ import annotations

import pytest

from bot.handoff.concerns import CONCERNS
from bot.handoff.concerns_in_text import is_cosmetic
from bot.handoff.details import read_details

NAMED = [
    ("it's about acne scars", "scars"),
    ("acne scarring on my cheeks", "scars"),
    ("acnee scarrs", "scars"),
    ("stretch marks from pregnancy", "scars"),
    ("strech marks", "scars"),
    ("stretchmarks", "scars"),
    ("my c-section scar", "scars"),
    ("keloid on my chest", "scars"),
    ("chicken pox marks", "scars"),
    ("burn scar left hand", "scars"),
    ("pitted skin from acne", "scars"),
    ("forehead lines", "wrinkles"),
    ("lines on my forehead", "wrinkles"),
    ("forhead wrinkels", "wrinkles"),
    ("crow's feet", "wrinkles"),
    ("crows feet mostly and a bit of forehead", "wrinkles"),
    ("crow’s feet", "wrinkles"),
    ("frown lines", "wrinkles"),
    ("the 11 lines between my brows", "wrinkles"),
    ("smile lines", "wrinkles"),
    ("wrinkles around my eyes", "wrinkles"),
    ("lines on my upper lip", "wrinkles"),
    ("TMJ", "jaw"),
    ("tmj clicking", "jaw"),
    ("jaw clenching", "jaw"),
    ("i clench my teeth", "jaw"),
    ("slimming the jaw", "jaw"),
    ("slimmer jawline", "jaw"),
    ("masseter", "jaw"),
    ("grinding my teeth", "jaw"),
    ("dark spots", "skin_tone"),
    ("age spots on my cheeks", "skin_tone"),
    ("pigmentaton", "skin_tone"),
    ("melasma", "skin_tone"),
    ("dull skin", "skin_tone"),
    ("sagging skin", "skin_tone"),
    ("saggy neck", "skin_tone"),
    ("droopy eyelids is the concern", "skin_tone"),
    ("uneven skin tone", "skin_tone"),
    ("just general", "general"),
    ("facial rejuvenation", "general"),
    ("not scars, wrinkles", "wrinkles"),
    ("it's not wrinkles but my acne scars", "scars"),
    ("scars on my jaw", "scars"),
    ("jaw scars", "scars"),
    ("wrinkles and scars", "wrinkles"),
    ("no not my jaw, my forehead", "wrinkles"),
]

ANSWERED = [
    ("my face", "general"),
    ("not sure", "general"),
    ("general", "general"),
    ("just general stuff", "general"),
    ("everything lol", "general"),
    ("all of it", "general"),
    ("idk", "general"),
    ("forehead", "wrinkles"),
    ("lines", "wrinkles"),
    ("under eye area", "wrinkles"),
    ("jaw", "jaw"),
    ("acne", "scars"),
    ("spots", "skin_tone"),
    ("skin colour", "skin_tone"),
    ("rinkles", "wrinkles"),
    ("skin tone. no wait, my jaw actually, the tone can wait", "jaw"),
    ("I was going to say scars, but no. It's the wrinkles round my mouth", "wrinkles"),
    ("the tone", "skin_tone"),
]


@pytest.mark.parametrize(("text", "concern"), NAMED, ids=[text for text, _ in NAMED])
@pytest.mark.parametrize("expected", [None, "concern"])
def test_a_concern_is_read(text: str, concern: str, expected: str | None) -> None:
    assert concern in CONCERNS
    assert read_details(text, expected).concern == concern


@pytest.mark.parametrize("text", ["call me about my wrinkles", "my face is dull", "needling for a big jaw", "acne scars"])
def test_what_is_about_looks_is_for_a_provider(text: str) -> None:
    assert is_cosmetic(text)


@pytest.mark.parametrize("text", ["call me about my jaw pain", "my shoulder hurts", "I want to book", "the jaw clicks"])
def test_what_hurts_is_not_about_looks(text: str) -> None:
    assert not is_cosmetic(text)


@pytest.mark.parametrize(("text", "concern"), ANSWERED, ids=[text for text, _ in ANSWERED])
def test_an_answer_is_a_concern(text: str, concern: str) -> None:
    assert read_details(text, "concern").concern == concern


@pytest.mark.parametrize(
    "text",
    [
        "it scares me",
        "I'm scared of needles",
        "is it safe in general",
        "not sure",
        "my face",
        "the phone lines are down",
        "can I see it online",
        "it's a star",
        "Dana 780-555-0143",
        "call me after five",
        "what is dry needling",
    ],
)
def test_other_words_are_no_concern(text: str) -> None:
    assert read_details(text).concern is None


@pytest.mark.parametrize("text", ["why do you ask", "skip", "Sexsmith", "780-555-0143", "evenings", "is it safe?"])
def test_another_answer_is_no_concern(text: str) -> None:
    assert read_details(text, "concern").concern is None
