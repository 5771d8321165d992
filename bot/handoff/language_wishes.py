"""The language in which a visitor asks to be contacted."""

from __future__ import annotations

import re
from typing import Dict, Optional

from bot.handoff.languages import ENGLISH, LANGUAGES
from bot.handoff.typed_text import plain

_LANGUAGES: Dict[str, str] = {
    **{name.lower(): code for code, name in LANGUAGES.items()},
    **{
        "francais": "fr",
        "francaise": "fr",
        "panjabi": "pa",
        "filipino": "tl",
        "mandarin": "zh",
        "cantonese": "zh",
        "farsi": "fa",
    },
    **{"deutsch": "de", "espanol": "es", "українською": "uk"},
}
_LANGUAGE = rf"(?P<language>{'|'.join(_LANGUAGES)})"
_ASKED_LANGUAGE = re.compile(
    rf"\b(?:in|en|auf|po|speaks?|speaking|talks?|prefer\w*|language(?: is|:)?|only|need|want) {_LANGUAGE}\b(?! (?:press"
    rf"|medicine|food|acupuncture|manicure|connection|shepherd|toast))"
    rf"|\b{_LANGUAGE.replace('language', 'speaking')}[- ]speak\w*"
    rf"|\b{_LANGUAGE.replace('language', 'wished')} (?:please|pls|only|if possible|if you can|s'il|preferred|por favor"
    rf"|would be|is better)\b"
    rf"|^\W*{_LANGUAGE.replace('language', 'alone')}\W*$"
)
_TRANSLATES = re.compile(
    r"\b(?:use|have|get|with) (?:a |an |the |my |google )?translat\w+\b|\b(?:can|will|could) translate\b"
)
"""Whoever has help with the language can be answered in English."""
_NOT_LANGUAGE = re.compile(
    r"\b(?:say|translate|word|not|no|don'?t|doesn'?t|can'?t|isn'?t|is not|other than|bad|poor|little)(?: \w+){0,3} ?$"
)
_DO_YOU_SPEAK = re.compile(r"\b(?:do|can|are|does) (?:you|u|the bot|this) (?:also |even )?$")


def read_language(text: str) -> Optional[str]:
    """Returns the code of the language that a visitor asks to be contacted in, out of `bot.handoff.languages`, or None.

    Args:
        text: folded, see `bot.handoff.typed_text.fold`.
    """
    text = plain(text)
    if _TRANSLATES.search(text):
        return ENGLISH
    for match in _ASKED_LANGUAGE.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if not (_NOT_LANGUAGE.search(before) or _DO_YOU_SPEAK.search(before)):
            return _LANGUAGES[next(found for found in match.groupdict().values() if found)]
    return None
