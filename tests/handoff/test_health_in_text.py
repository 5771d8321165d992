"""Whether somebody tells about health, which nobody needs to know for an enquiry."""

from __future__ import annotations

import pytest

from bot.handoff.details import read_details


@pytest.mark.parametrize(
    "text",
    [
        "I'm pregnant, is it safe",
        "20 weeks pregnant and my name is Oksana",
        "im diabetic",
        "asthma, I use a puffer",
        "I take warfarin",
        "im on blood thinners",
        "I have a pacemaker",
        "wife is 5 months pregnant",
        "my son has epilepsy, takes keppra",
        "I was diagnosed with lupus",
        "acne scars, and I'm on accutane",
        "had a stroke in 2012",
        "depression in the past",
        "peanut allergy",
        "Dana, 780-555-0143, I get migraines",
        "my back hurts",
        "breastfeeding right now",
        "heart surgery 2014, all clear",
        "should I tell them about my hepatitis?",
    ],
)
def test_what_somebody_tells_about_health_is_noticed(text: str) -> None:
    assert read_details(text).health


@pytest.mark.parametrize(
    "text",
    [
        "I'm Dana, text me on 780-555-0143 after five, it's about acne scars",
        "is it safe during pregnancy?",
        "does it help with migraines",
        "can you do it with a pacemaker?",
        "no allergies",
        "no meds, no surgery",
        "I don't take any medication",
        "not pregnant",
        "stretch marks from pregnancy",
        "scar on my belly from surgery",
        "it's about an old heart surgery scar",
        "jaw clenching",
        "wrinkles around my eyes",
        "dark spots",
        "Sexsmith",
        "evenings after work",
        "why do you need that?",
        "I'm a nurse",
    ],
)
def test_an_ordinary_detail_a_general_question_or_a_denial_is_not(text: str) -> None:
    assert not read_details(text).health
