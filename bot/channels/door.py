"""The door: what every message of a visitor passes before Rasa sees it, whatever the channel.

Nothing is cut silently: a message is let in whole, or refused with a reason that carries the emergency line.
"""

from __future__ import annotations

import re
import time
import unicodedata
from typing import Any, Callable, NamedTuple, Optional, Union

from bot.channels.buttons import ButtonSigner, is_button
from bot.channels.clicks import title_of
from bot.channels.rate import Rate
from bot.nlu.text import tidy

CONVERSATION_ID = re.compile(r"[A-Za-z0-9._:@+\-]{1,128}")
_SLASHES = re.compile("^[\\s/\\\\\u200c\u200d]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_KEPT_FORMAT = frozenset("\u200d\u200c")
"""Zero-width joiners, which emoji and some scripts need."""

MOST_GROWTH = 2
"""How much longer a message may be when it is read than when it is typed. One character can stand for 18 and an emoji for
a word; a thousand of them held up everybody for half a minute."""


class Let(NamedTuple):
    """A message that may come in."""

    text: str
    clicked: Optional[str]
    """Intent of the button that was clicked, or None for typed text."""


class Refused(NamedTuple):
    """A message that stays out."""

    response: str
    """Name of the response that says why."""


class Door:
    """Checks, cleans and limits messages."""

    def __init__(
        self,
        signer: ButtonSigner,
        longest: int,
        burst: int,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Sets the limits.

        Args:
            signer: of the buttons.
            longest: characters of a message.
            burst: messages that a conversation may send at once.
            per_second: messages that it may send in the long run.
            clock: seconds, for tests.
        """
        self._signer = signer
        self.longest = longest
        self._rate = Rate(burst, per_second, clock)

    def admit(self, conversation: str, message: str) -> Union[Let, Refused]:
        """Lets a message in or refuses it.

        Args:
            conversation: id that `conversation_id` accepted.
            message: as it came over the wire.
        """
        if not self._rate.allows(conversation):
            return Refused("utter_too_fast")
        if is_button(message):
            intent = self._signer.read(conversation, message)
            return Let(title_of(intent), intent) if intent else Refused("utter_stale_button")
        if len(message) > self.longest:
            return Refused("utter_too_long")
        text = clean(message)
        if len(text) > self.longest or len(tidy(text)) > MOST_GROWTH * self.longest:
            return Refused("utter_too_long")
        return Let(text, None) if has_words(text) else Refused("utter_empty")


def conversation_id(value: Any) -> Optional[str]:
    """Returns the id of a conversation as text, or None when it is missing or odd."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    if isinstance(value, int) and abs(value) >= 10**128:
        return None
    text = str(value)
    return text if CONVERSATION_ID.fullmatch(text) else None


def clean(message: str) -> str:
    """Returns a message without control, invisible and direction characters, and without the slash of a typed command."""
    kept = []
    for character in unicodedata.normalize("NFC", message):
        if character.isspace():
            kept.append(" ")
        elif character in _KEPT_FORMAT or unicodedata.category(character) not in _INVISIBLE:
            kept.append(character)
    return _SLASHES.sub("", " ".join("".join(kept).split()))


def has_words(text: str) -> bool:
    """Is there anything to read: a letter, a digit or a symbol such as an emoji?"""
    return any(unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "So" for character in text)


def replies_signed(buttons: list[dict[str, str]], conversation: str, signer: ButtonSigner) -> list[dict[str, str]]:
    """Returns buttons whose payload `/intent` is replaced by a signed one."""
    return [
        {"title": button["title"], "payload": signer.sign(conversation, button["payload"].lstrip("/"))} for button in buttons
    ]
