"""What a visitor answers when providers were offered, when there is none, and when asked for consent."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional, Sequence

from bot.handoff.asking import ASKS, DENIES, POLITELY_ASKS, STOPS, begins_with_yes
from bot.handoff.choices import ANY, TEAM, Offer, another_in, choice_in
from bot.handoff.clear_yes import has_clear_yes, tells_to_send
from bot.handoff.heard import Heard, Said
from bot.handoff.languages import ENGLISH

TELLING = frozenset(
    ["inform", "correct_detail", "enquire_cosmetic", "nlu_fallback", "affirm", "greet", "thanks"]
)
"""Intents of messages that answer the form rather than ask something."""
_IN_ENGLISH = re.compile(r"(?<!no )(?<!not )\benglish\b(?! is not| isn't)", re.IGNORECASE)
_WHO_IS_FIRST = re.compile(
    r"^\W*who\b[^?]*\b(?:first|answers?|faste(?:r|st)|quicke(?:r|st)|soone(?:r|st))\W*$", re.IGNORECASE
)
"""Worded as a question, and meant as "whoever is first"."""
_CAN_BE = re.compile(r"\W*(?:it )?can be\b[^?]*$", re.IGNORECASE)
"""No question without its sign: "can be the first"."""
_PICKS_UNSURELY = re.compile(
    r"\W*(?:(?:um+|uh+|er+|hm+|maybe|i guess|ok|so|well)\W+)*(?:the |number |#|no\.? ?)?"
    r"(?:first|second|third|1st|2nd|3rd|one|two|three|\d)\b(?: one)?(?:,? (?:please|maybe|i guess|then))?\W*\?\W*",
    re.IGNORECASE,
)
"""A pick that is typed like a question: "um the first one?"."""
_KEEPS = re.compile(
    r"(?<!n't )(?<!not )\b(?:keep|hold on to|leave) (?:it|mine|my (?:enquiry|request|details))\b"
    r"|\blet it wait\b|\bi(?:'ll| will| can) wait\b",
    re.IGNORECASE,
)
_OR_THE_NEXT = re.compile(r"\bnext (?:one|person|provider)\b|\bor (?:the )?next\b", re.IGNORECASE)


def picked(said: Said, offered: Sequence[Offer], town: str) -> Optional[Heard]:
    """Returns what was picked of those offered, by a button or in words; None when nothing was."""
    if said.choice:
        choices = [TEAM, *([ANY] if offered else []), *(str(offer.id) for offer in offered)]
        return Heard({"provider": said.choice}) if said.choice in choices else Heard(problem="wrong_provider", counts=True)
    if said.clicked or _asks_before_picking(said.text):
        return None
    choice = choice_in(said.text, offered, town)
    if choice is None:
        return None
    return Heard({"provider": _id(choice, offered)}) if choice else Heard(problem="wrong_provider", counts=True)


def _asks_before_picking(text: str) -> bool:
    is_pick = POLITELY_ASKS.search(text) or _WHO_IS_FIRST.search(text) or _PICKS_UNSURELY.fullmatch(text)
    return bool(ASKS.search(text)) and not (is_pick or _CAN_BE.match(text))


def not_picked(said: Said) -> Heard:
    """Returns what a message means that picks none of those offered."""
    if said.intent == "skip" or (said.intent == "deny" and DENIES.search(said.text)):
        return Heard({"provider": TEAM})
    if said.asked or said.intent not in TELLING | {"out_of_scope", "deny"}:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_provider", counts=True)


def say_again(said: Said, field: str, is_offered: bool) -> Heard:
    """"What?" shows the providers, or the summary, once more; "tell me more" says why it is asked."""
    if said.intent == "more_detail":
        return Heard(problem=f"why_{field}")
    shown = "consent_text" if field == "consent" else "offered"
    return Heard({shown: None}) if is_offered or field == "consent" else Heard()


def instead_of_nobody(said: Said) -> Heard:
    """Returns whether the enquiry is to be kept although nobody can take it now, or is for anybody who speaks English."""
    if _IN_ENGLISH.search(said.text):
        return Heard({"language": ENGLISH})
    if said.choice == TEAM or _keeps(said):
        return Heard({"provider": TEAM})
    if said.intent in ("deny", "skip"):
        return Heard({"provider": TEAM, "consent": "no"})
    if said.asked or said.intent not in TELLING:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_nobody", counts=True)


def _keeps(said: Said) -> bool:
    """Nothing is sent to anybody new, so a yes in a sentence will do: "yes, let it wait"."""
    if ASKS.search(said.text) or STOPS.search(said.text):
        return False
    is_yes = said.intent == "affirm" and has_clear_yes(said.text)
    return is_yes or begins_with_yes(said.text) or bool(_KEEPS.search(said.text))


def another_instead(said: Said, values: Mapping[str, Any], offered: Sequence[Offer]) -> Optional[Heard]:
    """Returns the other choice of somebody who was asked for consent; None when they stay with the first."""
    if said.choice in ("send", "next"):
        return None
    if said.choice:
        heard = picked(said, offered, "")
        return heard._replace(corrected=True) if heard and heard.values else heard
    if said.clicked or not offered or (ASKS.search(said.text) and not POLITELY_ASKS.search(said.text)):
        return None
    current = next((place for place, offer in enumerate(offered, 1) if str(offer.id) == values.get("provider")), 0)
    choice = another_in(said.text, offered, current)
    if choice is None:
        return None
    return Heard({"provider": _id(choice, offered) if choice else None, "consent": None}, corrected=bool(choice))


def agreed(said: Said, values: Mapping[str, Any], has_problems: bool) -> Heard:
    """Only a clear yes is a yes: the button under the summary, or the word alone; not a "yes" button from earlier on."""
    may_name_next = values.get("provider") not in (ANY, TEAM)
    if said.choice in ("send", "next"):
        return Heard({"consent": "next" if said.choice == "next" and may_name_next else "yes"})
    if said.intent == "affirm" and not said.clicked and not said.asked and not has_problems and _agrees(said.text):
        return Heard({"consent": "next" if _OR_THE_NEXT.search(said.text) and may_name_next else "yes"})
    if said.intent in ("deny", "skip"):
        return Heard(problem="consent_refused")
    if said.asked or said.intent not in TELLING | {"out_of_scope"}:
        return Heard(elsewhere=True)
    return Heard(problem="wrong_consent", counts=True)


def _agrees(text: str) -> bool:
    return has_clear_yes(text) or tells_to_send(text)


def _id(choice: str, offered: Sequence[Offer]) -> str:
    return str(offered[int(choice) - 1].id) if choice.isdigit() else choice
