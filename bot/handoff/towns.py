"""The town that a visitor says they live in or near."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import List, Optional, Sequence, Tuple

from bot.handoff.concerns_in_text import is_word_of_concerns
from bot.handoff.time_words import is_word_of_times
from bot.handoff.town_names import KnownTown, listed_town, may_start
from bot.handoff.typed_text import Word, plain, word_set, words
from bot.handoff.word_lists import everyday_words, given_names

LONGEST_NAME = 40
MOST_WORDS = 3
AREAS = word_set(
    "alberta ab bc canada saskatchewan manitoba ontario yukon nwt country peace north south alta rural farm acreage usa"
)
"""Too wide to find somebody near."""

_BESIDE_AREAS = word_set("of the in northern southern central northwest british columbia")
_POSTAL = re.compile(r"\bT8[VWX](?: ?-?\d[A-Z]\d)?\b", re.IGNORECASE)
_PROVINCE = re.compile(r"[ ,]+(?:a\.?b|b\.?c|alta|alberta|british columbia|canada)\b\.?", re.IGNORECASE)
_LIVE = (
    r"\b(?:(?:i|we)(?:'m|'re| am| are|m|re)?(?: currently| now| both| also| just)? (?:live|living|stay|staying|reside"
    r"|based|located|moved)"
    r"|(?:just|recently) moved)"
)
_WHERE = (
    r"(?:in|at|near|by|around|to|outside(?: of)?|just outside(?: of)?|close to|out by|out near|out in|up in|down in"
    r"|over in|here in|past)"
)
_LIVES_IN = re.compile(
    rf"(?:{_LIVE},? (?:out |up |down |just )?{_WHERE} |\b(?:my )?(?:town|city|location)(?: is|:"
    rf"|'s) ?)(?P<town>[^\s,.;!?()][^\n,.;!?()]{{0,60}})",
    re.IGNORECASE,
)
_IS_IN = re.compile(
    r"\b(?:i'm|im|i am|we're|we are|were|coming|i come|from)(?: originally| actually| out| up)* (?:from|in|near|by|around"
    r"|outside)"
    r" (?P<town>[A-Z][^\n,.;!?()]{0,60})"
)
_NOT_THERE = re.compile(r"\b(?:not|isn'?t|instead of|rather than)\W+(?:in |at |near )?$", re.IGNORECASE)
_ONCE_THERE = re.compile(
    r"\b(?:had|did|done|went|got|treated|grew up|born|moved from)\b(?: \w+){0,3} (?:in|at|from|to) $", re.IGNORECASE
)
"""What was done elsewhere, by whomever, is not where somebody lives."""
_OF_OTHERS = re.compile(
    r"\b(?:sister|brother|daughter|son|mother|mom|mum|father|dad|cousin|aunt|uncle|friend|neighbou?r|doctor|dentist|niece"
    r"|nephew|boss|granddaughter|grandson|grandkids?|kids?|children|family|parents|in-laws?|broke|accident|crash\w*"
    r"|happened|hurt|injured|fell)(?: \w+){0,5} (?:in|from|near|at|by|over in|up in|down in|outside) $",
    re.IGNORECASE,
)
"""Where somebody else lives, or where something happened."""
_LIVES = re.compile(
    r"(?P<put>\b(?:moved to|put|make it|say) )$|(?P<live>\b(?:live|living|reside|at home|home is) )?"
    r"(?(live)|\b(?:i'?m|i am|we'?re|we are|here) )(?:\w+ )?(?:in|near|at|around|outside(?: of)?) $",
    re.IGNORECASE,
)
_BEFORE_PLACE = word_set(
    "past in from near around at by outside to live lives living town city based located stay of toward towards"
)
_BEFORE_DOCTOR = word_set("my the a an your her his our family their any with saw see told another")
_FILLER = re.compile(
    r"^(?:(?:just|i|i'm|im|i am|we|we're|live|living|from|in|near|at|by|around|outside|of|out|town|is|it's|its|the|my|ok"
    r"|sure|yes"
    r"|hi|um|uh|well|no|actually|sorry|mostly|here|up|down|close|to|county|area|city|hamlet|of|oh)(?![\w'])[ ,:]*)+",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:and|but|so|or|not|about|an|a|if|is|are|was|near|text|call|email|my|i|i'm|im|with|for|please|pls|thanks|thank"
    r"|though|right|now|area"
    r"|since|because|where|who|which|from|on|at|in|half|county|too|also|by|just|ab|bc|alberta|after|before|can|do|you|your"
    r"|then|when"
    r"|po|lol)(?![\w'])|[^\w\s'.-]|\d",
    re.IGNORECASE,
)
_JOINED = frozenset({" ", "  ", "-", ". ", "."})
_NOT_TOWNS = word_set(
    "fear of northern southern central pain town touch school work bed trouble need love remission menopause person general"
    " doubt between advance my the a house same apartment there here anywhere somewhere nowhere everywhere home basement"
    " trailer canada city village rural country middle both none skip cancel why what where how when who no nope yes yeah"
    " not never rather prefer later dunno idk unknown secret private nothing anything away far close mars moon asdf test"
    " outside fine good sure ok okay maybe whatever wherever any different face jaw forehead neck scar scars wrinkles skin"
    " general email phone text call morning mornings evening evenings afternoon afternoons anytime monday tuesday wednesday"
    " thursday friday saturday sunday weekdays weekends stop help quit hurry mirror english french punjabi tagalog it that"
    " this it's don't dont can't say tell want doesn't matter reference regards hospital"
)


_NAME_OF_PLACE = re.compile(r"(?:[^\W\d_]{2,}|ste?\.)(?:[ '-](?:[^\W\d_]{2,}|ste?\.))*", re.IGNORECASE)
_KINDS_OF_PLACE = word_set(
    "lake creek river hill hills falls point valley fort prairie grove park bay harbour island mountain ridge landing"
    " crossing settlement beach coulee springs flats junction corner corners heights meadows city town village"
)


def read_town(text: str, asked: bool) -> Optional[str]:
    """Returns the town named in a text, in its usual spelling, or None.

    Args:
        text: folded, see `bot.handoff.typed_text.fold`.
        asked: the visitor was just asked for it, so that a bare answer is one even if no list knows it.
    """
    known = known_town(text, asked)
    if known:
        return known
    for pattern in (_LIVES_IN, _IS_IN):
        for match in pattern.finditer(text):
            town = _unlisted(match.group("town"))
            if town:
                return town
    return _unlisted(_FILLER.sub("", text.strip()), asked) if asked and "?" not in text else None


def is_too_wide(text: str) -> bool:
    """Is the answer to "which town?" a province or the like?"""
    found = {word.plain for word in words(_FILLER.sub("", text))}
    return bool(found) and found <= AREAS | _BESIDE_AREAS


def known_town(text: str, asked: bool) -> Optional[str]:
    """Returns the town in which somebody says that they live, or else the first one of the list in a text, or None.

    Slips and usual abbreviations are known.
    """
    found = words(text)
    named: List[str] = []
    homes: List[Tuple[int, int, str]] = []  # how sure it is, the place in the text, the town
    at = 0
    while at < len(found):
        length, known = _at(text, found, at, asked)
        if known and (asked or not known.is_also_a_word or _is_place(text, found, at, length)):
            before = text[: found[at].start]
            if not _NOT_THERE.search(before) and (
                asked or not (_ONCE_THERE.search(before) or _OF_OTHERS.search(before))
            ):
                named.append(known.name)
                lives = _LIVES.search(before)
                if lives:
                    homes.append((0 if lives["put"] else 1 if lives["live"] else 2, len(homes), known.name))
            at += length
        else:
            at += 1
    if not named:
        return "Grande Prairie" if _POSTAL.search(text) else None
    if homes:
        return min(homes)[2]
    return named[-1] if re.search(r"\b(?:meant|actually|moved to|correction)\b", text, re.IGNORECASE) else named[0]


def _at(text: str, found: Sequence[Word], at: int, asked: bool) -> Tuple[int, Optional[KnownTown]]:
    """Returns the town that starts at a word and of how many words it is."""
    if found[at].plain in {"gp", "gprairie"} and _is_grande_prairie(text, found, at, asked):
        return 1, KnownTown("Grande Prairie", False)
    plain_words = [word.plain for word in found[at : at + MOST_WORDS]]
    if not may_start(plain_words):
        return 1, None
    for length in range(len(plain_words), 0, -1):
        run = found[at : at + length]
        known = listed_town(plain_words[:length])
        if known and all(text[one.end : other.start] in _JOINED for one, other in pairwise(run)):
            return length, known
    return 1, None


def _is_grande_prairie(text: str, found: Sequence[Word], at: int, asked: bool) -> bool:
    """A GP is also a doctor: "my GP said"."""
    before = found[at - 1].plain if at else ""
    if text[found[at].end : found[at].end + 2].startswith("-") or before in _BEFORE_DOCTOR:
        return False
    return (
        asked
        or before in _BEFORE_PLACE
        or len(found) == 1
        or (at + 1 < len(found) and found[at + 1].plain in AREAS | {"area"})
    )


def _is_place(text: str, found: Sequence[Word], at: int, length: int) -> bool:
    if at and found[at - 1].plain in _BEFORE_PLACE and text[found[at].start].isupper():
        return True
    after = found[at + length].plain if at + length < len(found) else ""
    return after in AREAS


def _unlisted(typed: str, asked: bool = False) -> Optional[str]:
    """Returns a name of one to three words at the start of a text, in capitals, when it can be that of a place.

    Args:
        typed: what stands after "I live in", or a bare answer.
        asked: a bare answer: nothing around it says that it is a place, so that it has to look like one.
    """
    typed = _PROVINCE.sub("", typed)
    stop = _STOP.search(typed)
    name = " ".join(typed[: stop.start() if stop else len(typed)].split()).strip(" .'-")
    parts = name.split()
    if not 1 <= len(parts) <= MOST_WORDS or not 3 <= len(name) <= LONGEST_NAME or not _NAME_OF_PLACE.fullmatch(name):
        return None
    if any(plain(part).strip(".'-") in _NOT_TOWNS | AREAS for part in parts) or not _may_be_place(parts, asked):
        return None
    return name.title().replace("'S", "'s") if name in (name.lower(), name.upper()) else name


def _may_be_place(parts: Sequence[str], asked: bool) -> bool:
    """Has a name that no list knows an unusual word, a word like "Lake", or capitals throughout?"""
    if plain(parts[-1]) in _KINDS_OF_PLACE and len(parts) > 1:
        return True
    everyday = [_is_everyday(plain(part).replace("'", "").strip(".-")) for part in parts]
    is_capital = len(parts) > 1 and all(part[0].isupper() and part != part.upper() for part in parts)
    return is_capital or not (any(everyday) if asked else all(everyday))


def _is_everyday(word: str) -> bool:
    return word in everyday_words() or word in given_names() or is_word_of_times(word) or is_word_of_concerns(word)
