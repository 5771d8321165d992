"""What a visitor means who asks about something they left before. Knows nothing of Rasa, of wording and of the database."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Mapping, NamedTuple, Optional

from bot.handoff.clear_yes import is_yes_alone
from bot.handoff.codes import find_code, normal_code
from bot.handoff.details import Details, read_details
from bot.handoff.enquiry_form import RE_ASK
from bot.handoff.heard import Said

STATUS, WITHDRAW, ERASE = "status", "withdraw", "erase"
SHOW, DELETE = "show", "delete"
FIELDS = ("lookup_code", "records_contact", "lookup_choice", "lookup_delete", "lookup_withdraw")
"""What may be asked for, each a slot; which of them is needed, and when, depends on the wish."""
RECORDS_PERSONAL = ("records_contact", "records_first_name")
"""Slots that tell who the visitor is."""
SHORT = 4
"""Words of a message that can only be an answer, whatever its intent seems to be."""
OWN_INTENTS = frozenset({"enquiry_status", "erase_data"})
"""Intents with an answer that, inside this form, ask nothing new."""
TELLING = frozenset(
    ["inform", "correct_detail", "nlu_fallback", "affirm", "deny", "skip", "enquiry_status", "erase_data", "out_of_scope"]
)

_WITHDRAW = re.compile(
    r"\bwithdraw(?:ing|n)?\b(?! from)|\b(?:take|pull) (?:it|that|this|my \w+|the \w+)(?: \w+){0,2} back\b"
    r"|\b(?:cancel|stop|undo|revoke|recall|retract|take back|call off|pull)\b[^.?!]{0,25}"
    r"\b(?:enquiry|inquiry|request|submission|call ?back)\b"
    r"|\b(?:don'?t|do not) (?:send|pass)\b[^.?!]{0,20}\b(?:enquiry|inquiry|request)\b",
    re.IGNORECASE,
)
_WITHDRAW_IT = re.compile(r"\b(?:cancel|stop|undo|revoke|recall|retract|don'?t send) (?:it|that|this)\b", re.IGNORECASE)
_SHOW = re.compile(r"\b(?:show|see|view|look|read|copy|list|tell me|download|access|both|know about me)\b", re.IGNORECASE)
_DELETE = re.compile(
    r"\b(?:delet\w*|eras\w*|remov\w*|wip(?:e|ing)|destroy|clear|purge|get rid"
    r"|forget (?:me|my|everything|all)|unsubscribe)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|don'?t|never|no|nope|nah|keep|but|wait|first|if|until|maybe)\b", re.IGNORECASE)
_LOST = re.compile(
    r"\b(?:lost|forg[eo]t(?:ten)?|mis(?:placed|laid)|can'?t (?:find|remember|recall)|cannot (?:find|remember)|gone"
    r"|(?:don'?t|do not) (?:have|know|remember|recall)|(?:never|didn'?t|did not|haven'?t) (?:got|get|had|have|receive|save"
    r"|left|leave|give|gave|given|sent|send|make|made|keep|kept|write|note)\w*|no (?:idea|code|clue|longer have))\b",
    re.IGNORECASE,
)
_WHAT_CODE = re.compile(r"\b(?:what|which|where|how)\b.*\bcode\b", re.IGNORECASE)
_WHY = re.compile(r"\bwhy\b|\bwhat for\b|\bdo (?:you|i) (?:really )?(?:need|have to)\b|\bwhat do you need\b", re.IGNORECASE)
_GROUPS = re.compile(r"(?<!\w)\w{4}[\W_]{0,3}\w{4}[\W_]{0,3}\w{2}(?!\w)")


class Meant(NamedTuple):
    """What a message means for the form."""

    values: Mapping[str, Optional[str]] = {}
    """Slots to set, of `FIELDS` and lookup_wish."""
    problem: Optional[str] = None
    """wrong or why, about the field that was asked for."""
    counts: bool = False
    """It was a try that failed."""
    gives_up: bool = False
    """The visitor does not have what was asked for, or wants nothing done after all."""
    also_asks: bool = False
    """Beside what it tells there is a question to answer."""
    elsewhere: bool = False
    """It is not about the form at all."""


def wish_of(said: Said, knows_which: bool = False) -> str:
    """Returns what a visitor wants with what they left: STATUS, WITHDRAW or ERASE.

    Args:
        said: the message.
        knows_which: as for `wants_to_withdraw`.
    """
    text, intent = said.text, said.intent
    if said.choice == WITHDRAW or (wants_to_withdraw(text, knows_which) and not _DELETE.search(text)):
        return WITHDRAW
    return ERASE if intent == "erase_data" or _DELETE.search(text) else STATUS


def wants_to_withdraw(text: str, knows_which: bool) -> bool:
    """Does a message ask to withdraw what was sent?

    Args:
        text: as typed.
        knows_which: an enquiry was spoken of before, so that "cancel it" is clear.
    """
    return bool(_WITHDRAW.search(text) or (knows_which and _WITHDRAW_IT.search(text)))


def choice_of(text: str, choice: Optional[str] = None) -> Optional[str]:
    """Returns SHOW, DELETE, or None when it is neither or unclear; seeing comes before deleting."""
    if choice in (SHOW, DELETE):
        return choice
    if _SHOW.search(text):
        return SHOW
    return DELETE if _DELETE.search(text) and not _NOT.search(text) else None


def meant(said: Said, field: Optional[str], wish: str) -> Meant:
    """Reads one message.

    Args:
        said: the message.
        field: of `FIELDS`, that was just asked for; None at the start.
        wish: what the visitor wants.
    """
    told, details = _told(said.text, field)
    if said.choice is None and told:
        # A code alone asks nothing, whatever its letters resemble.
        also_asks = bool(details.rest) and bool(_questions(said))
        return Meant({**told, **_other_wish(said, wish)}, also_asks=also_asks)
    if field is None:
        return Meant(_choice_at_start(said, wish))
    if field in ("lookup_code", "records_contact"):
        return _is_missing(said, field, wish, details)
    if field == "lookup_choice":
        return _chosen(said)
    return _agreed(said, field)


def _told(text: str, field: Optional[str]) -> tuple[Dict[str, Optional[str]], Details]:
    code = find_code(text) or (normal_code(text) if field == "lookup_code" else None)
    details = read_details(_without_code(text, code) if code else text)
    contact = details.email or details.phone
    told = {"lookup_code": code, "records_contact": contact}
    return {name: value for name, value in told.items() if value}, details


def _without_code(text: str, code: str) -> str:
    return _GROUPS.sub(lambda found: " " if normal_code(found.group()) == code else found.group(), text)


def _questions(said: Said) -> FrozenSet[str]:
    return said.asked - OWN_INTENTS


def _other_wish(said: Said, wish: str) -> Dict[str, Any]:
    if said.intent != "erase_data" and not _WITHDRAW.search(said.text):
        return {}
    now = wish_of(said)
    return {} if now == wish else {"lookup_wish": now, **_choice_at_start(said, now)}


def _choice_at_start(said: Said, wish: str) -> Dict[str, Optional[str]]:
    """ "Delete my data" says already which of the two is wanted; "my data" does not."""
    choice = choice_of(said.text) if wish == ERASE else None
    return {"lookup_choice": choice} if choice else {}


def _is_missing(said: Said, field: str, wish: str, details: Details) -> Meant:
    if _WHY.search(said.text):
        return Meant(problem="why")
    if _LOST.search(said.text) or said.intent in ("deny", "skip"):
        return Meant(gives_up=True)
    other = _other_wish(said, wish)
    if other:
        return Meant(other)
    if said.intent in RE_ASK or (field == "lookup_code" and _WHAT_CODE.search(said.text)):
        return Meant(problem="why")
    if _questions(said) or said.intent not in TELLING:
        return Meant(elsewhere=True)
    if said.intent == "out_of_scope" and not details.problems and not any(map(str.isdigit, said.text)):
        return Meant(elsewhere=True)
    return Meant(problem="wrong", counts=True)


def _chosen(said: Said) -> Meant:
    choice = choice_of(said.text, said.choice)
    if choice and (not _questions(said) or len(said.text.split()) <= SHORT):
        return Meant({"lookup_choice": choice})
    return _unclear(said)


def _agreed(said: Said, field: str) -> Meant:
    """Only a clear yes is a yes: clicked, said alone, or the very thing said ("yes, delete it")."""
    other = _other_wish(said, WITHDRAW) if field == "lookup_withdraw" else {}
    if other:
        return Meant(other)
    if field == "lookup_delete" and choice_of(said.text, said.choice) == SHOW and not _questions(said):
        return Meant({"lookup_choice": SHOW})
    if _questions(said) or "?" in said.text:
        return _unclear(said)
    return Meant({field: "yes"}) if _says_yes(said, field) else _unclear(said)


def _says_yes(said: Said, field: str) -> bool:
    """A button from earlier in the conversation can still be clicked: only this question's own is a yes."""
    if said.clicked:
        return said.intent == "affirm" and said.choice == (DELETE if field == "lookup_delete" else WITHDRAW)
    verb = _DELETE if field == "lookup_delete" else _WITHDRAW
    return is_yes_alone(said.text) or bool(verb.search(said.text) and not _NOT.search(said.text))


def _unclear(said: Said) -> Meant:
    if _questions(said):
        return Meant(elsewhere=True)
    if said.intent in ("deny", "skip"):
        return Meant(gives_up=True)
    if said.intent in RE_ASK or _WHY.search(said.text):
        return Meant(problem="why")
    return Meant(problem="wrong", counts=True) if said.intent in TELLING else Meant(elsewhere=True)
