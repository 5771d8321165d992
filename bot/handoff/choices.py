"""Which of the providers that were offered a visitor means."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, Optional, Sequence, Set

from bot.handoff.same_town import same_town
from bot.handoff.spelling import distance
from bot.handoff.word_lists import everyday_words

ANY, TEAM = "any", "team"
"""Whoever can answer first; nobody of those, so the clinic's team."""
LONGEST = 120
"""Characters of a text in which somebody is picked."""
STEM = 6
"""Letters that "physio" and "physiotherapist", "acupuncture" and "acupuncturist" have in common."""

_ANYONE = re.compile(
    r"\b(?:(?<!not )any(?:one|body)?(?: (?:is|will do|of them|of those|of these|one))?|either(?: (?:one|of them))?"
    r"|who ?ever.*|who\w*[vr]\w*\b.*|whichever.*|first (?:available|free|to (?:answer|reply))"
    r"|first one (?:who|that|to|can|is|gets|free|available)\b.*"
    r"|(?:one (?:who|that)|who) (?:(?:can|could|will|would) )?(?:answers?|repl(?:y|ies)|responds?|is (?:free|available)"
    r"|gets? (?:to it|back)|(?:has|have) (?:\w+ )?time)\b.*|no preference"
    r"|(?:all|it'?s|that'?s|that is|it is) (?:all )?the same"
    r"|one'?s as good as (?:an)?other"
    r"|(?:don'?t|do not) (?:really )?(?:care|mind)"
    r"|(?:do(?:es)?n'?t|do(?:es)? not|no) (?:really )?matter|(?:you|u) (?:can )?(?:choose|pick|decide)"
    r"|up to you|all of them|both(?: of them)?|idc|surprise me|not fussed|no ?(?:body|one) in particular"
    r"|soon(?:er|est)|fast(?:er|est)|quick(?:er|est))\b|^\W*(?:all|whatever)\W*$",
    re.IGNORECASE,
)
_ON_SECOND_THOUGHT = re.compile(
    r"\b(?:no,? actually|actually,? no|no,? wait|wait,? no|on second thoughts?|scratch that|nah|no,? just|kidding)\b[,.… ]*"
)
_OTHERWISE = re.compile(r"[,;. ]*(?:\bor\b[^,.;]*)?\bif\b.*$", re.DOTALL)
"""What somebody would have instead: "2, or 1 if there's only one"."""
_NOBODY = re.compile(
    r"\b(?:none|nobody|no ?one|neither|not (?:any|one)|not these|some(?:body|one) else|different (?:one|person|provider))\b"
    r"|^\W*no\W*$",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:some(?:body|one) else|(?:an)?other (?:one|person|provider)|different (?:one|person|provider)"
    r"|not (?:him|her|them|that one|this one))\b|\b(?:change|switch|swap) (?:the |my )?(?:provider|person)\b",
    re.IGNORECASE,
)
_NONE = re.compile(r"\b(?:none|neither) of (?:them|these|those)\b|^\W*neither\W*$", re.IGNORECASE)
_THAT_ONE = re.compile(
    r"\b(?:that|this) (?:one|person|provider)\b|\b(?:him|her)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"\b(?:the (?:one|person|provider)|them|they)\b|^\W*(?:yes|ok|okay|sure|fine|good)\b", re.IGNORECASE)
_NEAREST = re.compile(r"\b(?:near(?:est|er)|clos(?:est|er))\b", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:not|except|but|don'?t want|other than|instead of|rather than)\b")
_NOT = re.compile(rf"{_DENIAL.pattern}(?: with)?(?: the)? *$")
_ORDINALS = (r"first|1st|top", r"second|2nd", r"third|3rd")
_CARDINALS = (r"1|one", r"2|two", r"3|three")
_LED = r"(?:\b(?:number|no\.?|nr\.?|option|choice|pick|choose|take|person)\W*|#\s*)"
_SOMEBODY = r"(?:one|person|provider|clinic|practice|guy|lady|woman|man|nurse|physio\w*|acupunctur\w*)"
_IN_EVERY_NAME = frozenset(
    ["practitioner", "provider", "sample", "doctor", "one", "two", "three", "first", "second", "third", "the", "for", "and"]
)


class Offer(NamedTuple):
    """A provider as the visitor was shown them."""

    id: int
    name: str
    profession: str = ""
    practice: str = ""
    town: str = ""


def choice_in(text: str, offered: Sequence[Offer], town: str = "") -> Optional[str]:
    """Returns what a visitor picks.

    Args:
        text: as typed.
        offered: in the order in which they were shown; those in the visitor's town come first.
        town: of the visitor; "that one" is the only one there.

    Returns:
        The place in the list from "1", ANY, TEAM, "" when it is not sure who is meant, or None when the text picks nothing.
    """
    if len(text) > LONGEST:
        return None
    lowered = re.sub(r"[a-z]{5,7}", _ordinal_meant, text.casefold())
    first, *corrected = _ON_SECOND_THOUGHT.split(lowered)
    if corrected and corrected[-1].strip():
        return choice_in(corrected[-1], offered, town) or choice_in(first, offered, town)
    lowered = _OTHERWISE.sub("", lowered) or lowered
    without_any = _ANYONE.sub(" ", lowered)
    places = named_in(without_any, offered) or _all_but_one(without_any, offered)
    if len(places) == 1:
        return str(places.pop())
    if _NONE.search(text):
        return TEAM
    if without_any != lowered or (places and len(places) == len(offered)):
        return ANY
    if places or _is_one_of_several(lowered, offered) or _is_off_the_list(without_any, len(offered)):
        return ""
    if _NOBODY.search(text):
        return TEAM
    return "1" if _NEAREST.search(text) or _is_the_one(text, offered, town) else None


def _ordinal_meant(match: re.Match[str]) -> str:
    """Returns "first" for "frist"."""
    word = match.group()
    return next((ordinal for ordinal in ("first", "second", "third") if _is_slip(word, ordinal)), word)


def _is_slip(word: str, ordinal: str) -> bool:
    return word not in everyday_words() and word[0] == ordinal[0] and distance(word, ordinal) == 1


def _is_one_of_several(lowered: str, offered: Sequence[Offer]) -> bool:
    """Is a profession named that several have?"""
    return any(_says(lowered, [*_by_profession(offer, [])]) for offer in offered)


def _is_off_the_list(lowered: str, count: int) -> bool:
    """Is "the third" picked where two were shown?"""
    return any(_says(lowered, [*_by_place(place, place)]) for place in range(count + 1, len(_ORDINALS) + 1))


def _all_but_one(lowered: str, offered: Sequence[Offer]) -> Set[int]:
    """Returns the places that are left by "not the first one"; none when nobody is left out."""
    left_out = named_in(_DENIAL.sub(" ", lowered), offered)
    return set(range(1, len(offered) + 1)) - left_out if len(left_out) == 1 and _DENIAL.search(lowered) else set()


def _is_the_one(text: str, offered: Sequence[Offer], town: str) -> bool:
    if len(offered) == 1:
        return bool(_THAT_ONE.search(text) or _YES.search(text))
    return bool(_THAT_ONE.search(text)) and [same_town(offer.town, town) for offer in offered].count(True) == 1


def another_in(text: str, offered: Sequence[Offer], picked: int) -> Optional[str]:
    """Returns what a visitor would rather have than whom they picked.

    Args:
        text: as typed.
        offered: in the order in which they were shown.
        picked: the place of whom they picked; 0: nobody.

    Returns:
        The place of another one, TEAM when there is no other, "" when they are to be asked, or None: they stay with it.
    """
    if len(text) > LONGEST:
        return None
    places = named_in(text.casefold(), offered)
    if len(places) == 1 and places != {picked}:
        return str(places.pop())
    if _NONE.search(text):
        return TEAM
    if not _ANOTHER.search(text):
        return None
    others = [place for place in range(1, len(offered) + 1) if place != picked]
    if not others:
        return TEAM
    return str(others[0]) if len(others) == 1 and picked else ""


def named_in(lowered: str, offered: Sequence[Offer]) -> Set[int]:
    """Returns the places of the providers that a text in small letters names; those in "not the…" do not count."""
    by_name = {place for place, offer in enumerate(offered, 1) if _says(lowered, _end_of_name(offer))}
    if by_name:  # "provider two" is a name, even if it stands first in the list
        return by_name
    return {
        place
        for place, offer in enumerate(offered, 1)
        if _says(lowered, [*_by_place(place, len(offered)), *_by_words(offer, [o for o in offered if o is not offer])])
    }


def _says(lowered: str, patterns: Sequence[str]) -> bool:
    matches = (match for pattern in patterns for match in re.finditer(pattern, lowered))
    return any(not _NOT.search(lowered[: match.start()]) for match in matches)


def _end_of_name(offer: Offer) -> Sequence[str]:
    words = offer.name.casefold().split()
    return [rf"\b{re.escape(' '.join(words[-2:]))}\b"] if words else []


def _by_place(place: int, count: int) -> Iterator[str]:
    if place > len(_ORDINALS):
        return
    yield rf"\b(?:{_ORDINALS[place - 1]})\b(?! (?:name|time|thing|of all))"
    yield rf"{_LED}(?:{_CARDINALS[place - 1]})\b"
    yield rf"^\W*(?:(?:i'?ll|take|have|yes|ok)\W+)*(?:{_CARDINALS[place - 1]})(?:\W+(?:please|thanks|pls|i guess))*\W*$"
    yield rf"^\W*(?:{_CARDINALS[place - 1]})\W+(?:is|works|sounds|looks|would be|will) (?:fine|good|ok|okay|great|best|do)\b"
    yield rf"^\W*(?:\d\W+(?:(?:or|and)\W+)?)*{place}(?:\W+(?:(?:or|and)\W+)?\d)*\W*$"
    yield rf"^\D{{1,40}}\b{place}\W*$"  # "eeny meeny… 1!"
    if place == count > 1:
        yield r"\b(?:the|my) last\b"


def _by_words(offer: Offer, others: Sequence[Offer]) -> Iterator[str]:
    practice, town = re.escape(offer.practice.casefold()), re.escape(offer.town.casefold())
    if practice and all(other.practice != offer.practice for other in others):
        yield rf"\b{practice}\b"
    if town and all(other.town != offer.town for other in others):
        yield rf"^\W*(?:the )?{town}(?: please)?\W*$|\b{_SOMEBODY} (?:in |from |at )?{town}\b|\b{town} {_SOMEBODY}\b"
    yield from _by_profession(offer, others)
    for word in _own_words(offer.name, [other.name for other in others]):
        yield rf"\b{re.escape(word)}\b"


def _by_profession(offer: Offer, others: Sequence[Offer]) -> Iterator[str]:
    for word in _own_words(offer.profession, [other.profession for other in others]):
        yield rf"\b{re.escape(word[:STEM])}\w*"


def _own_words(text: str, others: Sequence[str]) -> Iterator[str]:
    """Yields the words by which a text differs from the others."""
    taken = {word for other in others for word in other.casefold().split()} | _IN_EVERY_NAME
    return (word for word in text.casefold().split() if len(word) > 2 and word.isalpha() and word not in taken)
