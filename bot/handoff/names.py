"""The visitor's first name in what they type: said, signed, beside a number, or as the answer when it is asked for."""

from __future__ import annotations

import re
from typing import Sequence

from bot.handoff.name_words import NameRead, Typed
from bot.handoff.names_answered import answered, what_is_wrong
from bot.handoff.names_in_place import in_place
from bot.handoff.names_said import said, said_weakly
from bot.handoff.typed_text import EMAIL, plain

_ODD = re.compile(
    r"<\s*[a-z/!?]|[{}\[\]\\|^~$]|https?:|\bwww\.|javascript:|'\)?;|&[#\w]+;|%[0-9a-f]{2}|^\s*[=+@]\s*\w+[!(|]|\w\(\w*\)",
    re.IGNORECASE,
)
_SMILEY = re.compile(r"[:;=]-?[)(DPp](?!\w)|<3|[☀-➿\U0001f000-\U0001faff\ufe0f]+")


def read_first_name(text: str, asked: bool, people: Sequence[str] = ()) -> NameRead:
    """Returns the visitor's name, one or two words of at most 40 characters.

    Args:
        text: folded, with `PHONE` and `EMAIL` where a number and an address were.
        asked: the visitor was just asked for their name, so that a bare answer is one.
        people: names that a language model found in the text; they only tip the balance.
    """
    clean = _SMILEY.sub(" ", text.replace(f"<{EMAIL}>", EMAIL))
    found = frozenset(plain(word) for person in people for word in person.split())
    typed = Typed(clean, asked, found)
    told = said(typed)
    if _ODD.search(clean):
        return NameRead(None, "not_a_name" if asked or told.name or told.problem else None)
    if told.name or told.problem:
        return told
    for reader in (in_place, said_weakly):
        name = reader(typed)
        if name:
            return NameRead(name)
    if not asked:
        return NameRead(None)
    name = answered(typed)
    return NameRead(name) if name else NameRead(None, what_is_wrong(text, clean))
