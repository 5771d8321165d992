"""The questions that the assistant knows: how each is called on a button, where its answer comes from, what people ask next.

One entry an intent. The wording of the answers is in `domain/faq.yml`; `bot.knowledge.consistency` checks that the two, the
examples and the rules agree.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple


class Question(NamedTuple):
    """One intent that has an answer."""

    intent: str
    label: str
    """On a button, in the visitor's words; at most 20 characters where possible, for messaging apps."""
    section: Optional[str]
    """Key in `SECTIONS`, or None when the article is silent."""
    follow_ups: Tuple[str, ...]
    """Intents that people ask next, two or three."""
    facets: Tuple[str, ...] = ()


QUESTIONS: Tuple[Question, ...] = (
    Question("what_is", "What is dry needling?", "what_is", ("how_it_works", "conditions_treated", "cosmetic_use")),
    Question("how_it_works", "How does it work?", "what_is", ("conditions_treated", "pain_discomfort", "evidence")),
    Question("conditions_treated", "What is it used for?", "what_is", ("how_it_works", "jaw_tmj", "sessions_results")),
    Question("cosmetic_use", "Is it used for looks?", "cosmetic", ("wrinkles", "scars", "safety")),
    Question(
        "collagen_circulation", "Skin tone and collagen", "circulation", ("evidence", "wrinkles", "vs_microneedling")
    ),
    Question("wrinkles", "Wrinkles", "wrinkles", ("evidence", "vs_botox", "provider_qualifications")),
    Question("scars", "Scars", "scars", ("evidence", "vs_microneedling", "provider_qualifications")),
    Question("jaw_tmj", "Jaw tension and TMJ", "jaw", ("evidence", "pain_discomfort", "booking_hours_location")),
    Question(
        "safety", "Is it safe?", "safety", ("provider_qualifications", "contraindications", "side_effects_detail")
    ),
    Question("provider_qualifications", "Who is qualified?", "safety", ("safety", "clinic_offer", "enquire_cosmetic")),
    Question("vs_microneedling", "Versus microneedling", "comparison", ("scars", "collagen_circulation", "vs_botox")),
    Question("vs_botox", "Versus Botox", "comparison", ("wrinkles", "evidence", "safety")),
    Question(
        "evidence",
        "Does it really work?",
        "safety",
        ("safety", "conditions_treated", "provider_qualifications"),
        ("approval",),
    ),
    Question(
        "clinic_offer",
        "What does the clinic do?",
        "safety",
        ("provider_qualifications", "enquire_cosmetic", "booking_hours_location"),
    ),
    Question("vs_other", "Versus other treatments", None, ("vs_microneedling", "vs_botox", "how_it_works")),
    Question(
        "other_treatment", "Other treatments", None, ("vs_microneedling", "vs_botox", "what_is"), ("physiotherapy",)
    ),
    Question(
        "cost_insurance", "Cost and insurance", None, ("booking_hours_location", "sessions_results", "clinic_offer")
    ),
    Question("pain_discomfort", "Does it hurt?", "what_is", ("how_it_works", "side_effects_detail", "safety")),
    Question("side_effects_detail", "Side effects", None, ("safety", "contraindications", "aftercare_prep")),
    Question(
        "contraindications",
        "Can I have it?",
        None,
        ("safety", "side_effects_detail", "provider_qualifications"),
        ("combining",),
    ),
    Question(
        "sessions_results", "Sessions and results", "circulation", ("evidence", "cost_insurance", "aftercare_prep")
    ),
    Question(
        "aftercare_prep", "Before and after", None, ("side_effects_detail", "contraindications", "pain_discomfort")
    ),
    Question(
        "home_use", "Can I do it myself?", "safety", ("provider_qualifications", "safety", "booking_hours_location")
    ),
    Question(
        "booking_hours_location",
        "Booking and hours",
        None,
        ("cost_insurance", "clinic_offer", "human_handoff"),
        ("hours", "location", "booking", "referral", "contact"),
    ),
    Question(
        "medical_advice", "A health question", None, ("booking_hours_location", "safety", "what_is"), ("which_doctor",)
    ),
    Question("enquire_cosmetic", "Find a provider", "safety", ("provider_qualifications", "safety", "clinic_offer")),
    Question("enquiry_status", "My enquiry", None, ("human_handoff", "enquire_cosmetic")),
    Question("erase_data", "Delete my data", None, ("privacy_data", "human_handoff")),
    Question("privacy_data", "My privacy", None, ("erase_data", "human_handoff")),
    Question("human_handoff", "Talk to a person", None, ("booking_hours_location", "capabilities")),
    Question("complaint_feedback", "Give feedback", None, ("human_handoff", "capabilities"), ("compliment",)),
    Question("bot_challenge", "Are you a robot?", None, ("capabilities", "privacy_data", "human_handoff")),
    Question("capabilities", "What can you do?", None, ("what_is", "cosmetic_use", "safety")),
)

BY_INTENT: Dict[str, Question] = {question.intent: question for question in QUESTIONS}

SMALL_TALK: Tuple[str, ...] = (
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "cancel",
    "correct_detail",
    "skip",
    "inform",
    "language_switch",
    "out_of_scope",
)
"""Intents that are answered, but are nobody's question; the others have rules or stories of their own."""

SMALL_TALK_FACETS: Dict[str, Tuple[str, ...]] = {"out_of_scope": ("distress",)}

OFFERING = frozenset(
    [
        "vs_other",
        "other_treatment",
        "cost_insurance",
        "pain_discomfort",
        "side_effects_detail",
        "contraindications",
        "sessions_results",
        "aftercare_prep",
    ]
)
"""Intents whose answer ends by offering to pass the question on; so does every facet of theirs."""

WITHOUT_MORE = frozenset(
    [
        "enquiry_status",
        "erase_data",
        "privacy_data",
        "human_handoff",
        "complaint_feedback",
        "bot_challenge",
        "capabilities",
    ]
)
"""Intents whose answer says all there is; the others have a response utter_<intent>_more."""

PASS_ON_LABEL = "Yes, pass it on"  # nosec B105 # what stands on a button
"""The button that accepts an offer (intent affirm)."""


def label_of(intent: str) -> str:
    """Returns an intent in human words; the intent itself is never shown.

    Raises:
        KeyError: the intent is no question.
    """
    return BY_INTENT[intent].label


def facets_of(intent: str) -> Tuple[str, ...]:
    """Returns the facets of an intent that have an answer of their own."""
    question = BY_INTENT.get(intent)
    return question.facets if question else SMALL_TALK_FACETS.get(intent, ())


def answer_name(intent: str, facet: Optional[str] = None) -> str:
    """Returns the name of the response that answers an intent, or its facet where it has one."""
    suffix = f"_{facet}" if facet in facets_of(intent) else ""
    return f"utter_{intent}{suffix}"


def answer_names() -> List[str]:
    """Returns the names of all responses that answer an intent or a facet."""
    intents = [*BY_INTENT, *SMALL_TALK]
    return [answer_name(intent, facet) for intent in intents for facet in (None, *facets_of(intent))]


_BEHIND: Dict[str, Question] = {
    answer_name(question.intent, facet): question for question in QUESTIONS for facet in (None, *question.facets)
}


def question_behind(answer: str) -> Optional[Question]:
    """Returns the question that a response answers, or None for small talk."""
    return _BEHIND.get(answer)


def more_name(answer: str) -> Optional[str]:
    """Returns the name of the response that goes further than an answer, or None where there is none."""
    question = question_behind(answer)
    if question is None or question.intent in WITHOUT_MORE:
        return None
    return f"{answer_name(question.intent)}_more"
