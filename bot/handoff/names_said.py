"""Names after words that announce one: "my name is Dana", "I'm Dana"."""

from __future__ import annotations

import re
from itertools import islice
from typing import Optional

from bot.handoff.name_words import (
    NEVER,
    WORD,
    NameRead,
    Typed,
    is_known,
    is_ordinary,
    is_throwaway,
    looks_ordinary,
    written,
)
from bot.handoff.typed_text import EMAIL, PHONE, plain, word_set

MOST_TRIES = 30
"""How often a name may be announced in one text before the rest is left alone."""

_NAME_IS = (
    r"(?P<whose>[\w']+ )?name(?:'s|s| is|:| is:| -| =)|first name(?: is|:)?|i(?:'m| am) called|je m'appelle|me llamo"
    r"|mi nombre es|ako(?: po)? si"
    r"|mera naam|mein name ist|ich hei(?:ß|ss)e|меня зовут|мене звати|मेरा नाम|ਮੇਰਾ ਨਾਮ|ਮੇਰਾ ਨਾਂ|اسمي"
)
_CALLED = (
    r"i go by|(?:they|people|every(?:one|body)|folks?|friends|all)(?: just)? (?:calls?|says?)(?: me)?"
    r"|so(?= [^\s,.!?]+\W*$)|call me|put (?:me )?down(?: as)?|under the name(?: of)?"
    r"|(?:change|and|set|update) (?:the|my) name to|be called"
    r"|(?:kindly|actually|but|but please|just) (?:use|put|write)(?: down)?"
    r"|name (?:should|must|has to|needs to) be(?: (?:with|spel)[^:]{0,20}:)?|spel(?:led|t)"
)
_ANNOUNCED = re.compile(
    rf"(?<!\w)(?:(?P<is>{_NAME_IS})|{_CALLED})(?![\w']) *(?:(?:is|spelled|actually|just|its|it's)\b *)*|(?P<in_chinese>我叫"
    rf"|我的名字是)",
    re.IGNORECASE,
)
_OWN = word_set("my first the full preferred given and our hi hello hey ok sure yes yeah change")
_FOR_ANOTHER = word_set("his her their")
"""Somebody who types for another person is asked for the name of that one."""
_PERHAPS = re.compile(
    r"\b(?P<lead>i'm|im|i am|this is|it's|its|it is|that's|thats|je suis|my name|(?<!last )(?<!family )(?<!middle )name"
    r"|i meant|(?:change|make) (?:it"
    r"|that)(?: to)?)(?![\w'-])"
    r" *(?:(?:actually|just|called|me,?)(?!\w) *)*",
    re.IGNORECASE,
)
_ABOUT_ME = frozenset({"i'm", "im", "i am", "je suis", "my name", "this is"})
_LEADING = re.compile(
    rf" *(?:(?:mr|mrs|ms|miss|mister|dr|prof|sir|mme)\b\.? )*(?P<first>{WORD})(?: (?P<second>{WORD}))?", re.IGNORECASE
)
_ABOUT_A_NAME = re.compile(r"\bmy (?:own |first )?name\b|\bspel\w+|\bwith an? \w\b|\bwrong name\b", re.IGNORECASE)
_I = re.compile(r"i(?:['’](?:m|ve|d|ll))?", re.IGNORECASE)
_ENDS = re.compile(rf" *(?:$|[,.!;:\n()/{PHONE}{EMAIL}-])")
_NEXT = re.compile(rf" *(?P<word>{WORD})")
_GOES_ON = word_set("looking calling texting writing interested wanting wondering speaking again seeking hoping reaching")


def said(typed: Typed) -> NameRead:
    """Returns the name after "my name is", "call me" and the like, or what is wrong with what stands there."""
    for match in islice(_ANNOUNCED.finditer(typed.text), MOST_TRIES):
        whose = (match.group("whose") or "").strip().lower()
        if whose and whose not in _OWN and not (typed.asked and whose in _FOR_ANOTHER):
            continue
        rest = typed.text[match.end() :]
        leading = _LEADING.match(rest)
        if leading and _is_name_said(typed, leading.group("first"), bool(match.group("is") or match.group("in_chinese"))):
            return NameRead(_name(typed, leading, rest))
        if match.group("is") and _is_no_name(rest, leading):
            return NameRead(None, "not_a_name")
    return NameRead()


def said_weakly(typed: Typed) -> Optional[str]:
    """Returns the name after "I'm", "this is" or "it's", where much else may stand, or None."""
    for match in islice(_PERHAPS.finditer(typed.text), MOST_TRIES):
        rest = typed.text[match.end() :]
        leading = _LEADING.match(rest)
        if leading and _is_name_perhaps(typed, leading, rest, match):
            return _name(typed, leading, rest)
    return None


def _is_name_said(typed: Typed, word: str, after_name_is: bool) -> bool:
    if plain(word) in NEVER or is_throwaway(word):
        return False
    if typed.is_capital(word) and (after_name_is or typed.asked):
        return True
    return is_known(word) or not (is_ordinary(word) if typed.is_capital(word) else looks_ordinary(word))


def _is_no_name(rest: str, leading: Optional[re.Match[str]]) -> bool:
    if leading is None:
        return bool(re.match(r" *[\d<={@\[]", rest))
    return is_throwaway(leading.group("first")) and plain(leading.group("first")) not in NEVER


def _is_name_perhaps(typed: Typed, leading: re.Match[str], rest: str, announced: re.Match[str]) -> bool:
    word = leading.group("first")
    about_me = announced.group("lead").lower() in _ABOUT_ME or " me" in announced.group().lower()
    if plain(word) in NEVER or is_throwaway(word):
        return False
    is_open = typed.asked or typed.gives_contact() or bool(_ABOUT_A_NAME.search(typed.text))
    is_likely = is_open or about_me
    if typed.is_capital(word):
        return typed.is_person(word) or (is_likely and (is_known(word) or not looks_ordinary(word)))
    if not (_stops(rest[leading.end("first") :]) or _stops(rest[leading.end() :])):
        return False
    if typed.is_person(word):
        return is_likely
    return is_open and not looks_ordinary(word)


def _name(typed: Typed, leading: re.Match[str], rest: str) -> Optional[str]:
    first, second = leading.group("first", "second")
    return written([first, second] if second and _is_second(typed, first, second, rest[leading.end() :]) else [first])


def _is_second(typed: Typed, first: str, second: str, rest: str) -> bool:
    if plain(second) in NEVER or _I.fullmatch(second):
        return False
    if typed.is_capital(first) and typed.is_capital(second):
        return True
    return not typed.is_capital(second) and not looks_ordinary(second) and not is_ordinary(second) and _stops(rest)


def _stops(rest: str) -> bool:
    """Does the name end here: at the end, before a sign, a number, or a word that goes on with something else?"""
    if _ENDS.match(rest):
        return True
    after = _NEXT.match(rest)
    return after is not None and (plain(after.group("word")) in NEVER | _GOES_ON or bool(re.match(r" *\d", rest)))
