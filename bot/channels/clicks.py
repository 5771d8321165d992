"""What a click on a button stands for in the conversation."""

from __future__ import annotations

from typing import Any, Dict

from bot.knowledge.questions import BY_INTENT, PASS_ON_LABEL

TITLES = {
    "affirm": PASS_ON_LABEL,
    "affirm.send": "Yes, send it",
    "affirm.next": "Yes, and to the next one if there is no answer",
    "deny": "No",
    "cancel": "No, forget it",
    "inform.any": "Whoever can answer first",
    "inform.team": "None of them",
}


def title_of(click: str) -> str:
    """Returns the words of a click: an intent, or an intent and what is chosen, `inform.2`."""
    intent, _, choice = click.partition(".")
    return TITLES.get(click) or (choice if choice else BY_INTENT[intent].label)


def parse_data_of_click(click: str) -> Dict[str, Any]:
    """Returns what Rasa should take a click for, without reading any text."""
    intent, _, choice = click.partition(".")
    return {
        "text": title_of(click),
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [{"entity": "choice", "value": choice}] if choice else [],
        "questions": [],
        "facets": [None],
        "urgency": "none",
        "distress": False,
        "trace": [],
        "clicked": True,
    }
