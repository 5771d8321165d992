"""One message of a visitor, as it was understood, and what it means for the enquiry form."""

from __future__ import annotations

from typing import FrozenSet, Mapping, NamedTuple, Optional, Sequence


class Said(NamedTuple):
    """One message of a visitor, as it was understood."""

    text: str
    intent: str
    asked: FrozenSet[str] = frozenset()
    """Intents of the message that are questions with an answer."""
    choice: Optional[str] = None
    """What a clicked button stands for: the id of a provider, any, team, send, next."""
    people: Sequence[str] = ()
    """Names that spaCy found."""
    clicked: bool = False
    """A button; one from earlier in the conversation can still be clicked."""
    concern: Optional[str] = None
    """What the message is about, as far as its meaning tells, whatever its words."""


class Heard(NamedTuple):
    """What a message means for the form."""

    values: Mapping[str, Optional[str]] = {}
    """Fields to set; None: to ask for again."""
    corrected: bool = False
    problem: Optional[str] = None
    """Name of what is to be said: wrong_<field>…, why_<field>, no_contact, what_to_change, consent_refused."""
    counts: bool = False
    """It was a try at the field that failed."""
    health: bool = False
    also_asks: bool = False
    """Beside the details there is a question to answer."""
    elsewhere: bool = False
    """It is not about the form at all."""
