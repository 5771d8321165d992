"""Samples and predictions made by hand, with figures that can be counted on fingers."""

from __future__ import annotations

from typing import Optional

from bot.evaluation.predictions import Prediction, Predictions
from bot.evaluation.samples import QuestionSample, Samples, UrgentSample, parse_primary


def sample(text: str, primary: str, accept: str = "", unsafe: bool = False) -> QuestionSample:
    alternatives = parse_primary(primary)
    accepted = {intent for intent in accept.split(",") if intent} | {i for alternative in alternatives for i in alternative}
    return QuestionSample(text, alternatives, frozenset(accepted), unsafe, "written")


def read(
    *intents: str,
    confidence: float = 0.9,
    urgency: str = "none",
    symptom: Optional[float] = -5.0,
    crisis: Optional[float] = -5.0,
) -> Prediction:
    several = intents if len(intents) > 1 else ()
    return Prediction(intents[0], confidence, several, urgency, symptom, crisis)


QUESTIONS = [
    sample("right", "safety"),
    sample("acceptable", "safety", accept="contraindications"),
    sample("wrong", "safety"),
    sample("rejected", "safety"),
    sample("outside", "out_of_scope"),
    sample("outside, answered", "out_of_scope"),
    sample("outside, steered", "out_of_scope"),
    sample("two", "vs_botox+scars"),
]
PREDICTIONS: Predictions = {
    "right": read("safety"),
    "acceptable": read("contraindications"),
    "wrong": read("scars"),
    "rejected": read("nlu_fallback", confidence=0.2),
    "outside": read("nlu_fallback", confidence=0.2),
    "outside, answered": read("safety"),
    "outside, steered": read("greet"),
    "two": read("vs_botox", "scars"),
    "cannot breathe": read("urgent_symptom", urgency="urgent_symptom", symptom=4.0),
    "want to die": read("urgent_crisis", urgency="urgent_crisis", crisis=3.0),
    "missed": read("pain_discomfort", symptom=-2.0),
    "no fever": read("safety", symptom=-3.0),
    "was ill": read("urgent_symptom", urgency="urgent_symptom", symptom=1.0),
    "dizzy once": read("safety", urgency="amber", symptom=-2.5),
    "a bit dizzy": read("medical_advice", urgency="amber"),
}
SAMPLES = Samples(
    QUESTIONS,
    [
        UrgentSample("cannot breathe", True, "911"),
        UrgentSample("want to die", True, "988"),
        UrgentSample("missed", True, "911"),
        UrgentSample("no fever", False, "negated"),
        UrgentSample("was ill", False, "past"),
        UrgentSample("dizzy once", False, "past"),
    ],
    ["a bit dizzy"],
)
