"""Which words of a text are times, and which of them belong together."""

from __future__ import annotations

from typing import List, Sequence, Set

from bot.handoff.time_words import CORE, EVENT, HOUR, LINK, MODIFIER, MONTH, PREPOSITION, SHORT_DAY, Token
from bot.handoff.typed_text import word_set

REACH = 4
"""Words that may stand between two times, or before one, and still belong to it."""

_UNITS = word_set(
    "session sessions treatment treatments week weeks day days hour hours hrs hr minute minutes mins min month months year"
    " years yrs kids kid times appointment appointments visit visits people scars spots lines percent dollars bucks needles"
    " places km old more %"
)
_RANGES = word_set("- to until till til thru through and or /")
_STARTS = word_set(
    "on in at early late later mid every each only most not no except next this all usually mostly just any other day days"
    " long the my about half quarter"
)
_ENDS = word_set("only onwards onward usually mostly sharp o'clock oclock")
_SHIFTS = word_set("work working works worked shift shifts good since last that")


def _cores(tokens: Sequence[Token]) -> List[int]:
    """Returns the places of the words that are a time where they stand."""
    cores: Set[int] = set()
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if (
            (token.kind == CORE and not (before in _SHIFTS and not _follows_preposition(tokens, at - 1)))
            or (
                token.kind == HOUR
                and after not in _UNITS
                and (_follows_preposition(tokens, at) or _ends_range(tokens, at, cores))
            )
            or (token.kind == EVENT and _follows_preposition(tokens, at))
            or (token.kind == MONTH and (_is_hour(tokens, at - 1) or _is_hour(tokens, at + 1)))
            or (token.kind == SHORT_DAY and _is_day(tokens, at))
        ):
            cores.add(at)
            if token.kind == HOUR and at >= 2 and tokens[at - 2].kind == HOUR and before in _RANGES:
                cores.add(at - 2)
    return sorted(cores)


def _follows_preposition(tokens: Sequence[Token], at: int) -> bool:
    for earlier in range(at - 1, max(-1, at - 4), -1):
        if tokens[earlier].kind == PREPOSITION:
            return tokens[at].kind != EVENT or tokens[earlier].text not in {"about", "from"}
        if tokens[earlier].kind != MODIFIER:
            return False
    return False


def _ends_range(tokens: Sequence[Token], at: int, cores: Set[int]) -> bool:
    """Is this the four in "2-4", "noon to four" or "June 4"?"""
    if at and tokens[at - 1].kind == MONTH:
        return True
    if at < 2 or tokens[at - 1].text not in _RANGES:
        return False
    return at - 2 in cores or (tokens[at - 2].kind == HOUR and tokens[at - 1].text not in {"and", "or", "/"})


def _is_hour(tokens: Sequence[Token], at: int) -> bool:
    return 0 <= at < len(tokens) and tokens[at].kind == HOUR


def _is_day(tokens: Sequence[Token], at: int) -> bool:
    """Is "sun" a day: by itself, after "on", or beside another day?"""
    if len(tokens) == 1 or _is_beside_a_day(tokens, at) or (at and tokens[at - 1].text in {"on", "every", "next", "this"}):
        return True
    around = [tokens[place] for place in (at - 2, at + 2, at + 1) if 0 <= place < len(tokens)]
    links = [tokens[place].kind == LINK for place in (at - 1, at + 1) if 0 <= place < len(tokens)]
    return any(links) and any(token.kind in (CORE, SHORT_DAY) for token in around)


def _is_beside_a_day(tokens: Sequence[Token], at: int) -> bool:
    """Is this one of "Mon Wed Fri"?"""
    around = [tokens[place] for place in (at - 1, at + 1) if 0 <= place < len(tokens)]
    return any(token.kind == SHORT_DAY for token in around)


def times_in(tokens: Sequence[Token]) -> List[List[int]]:
    """Returns times that belong together, each as the places of its words, first and last included."""
    groups: List[List[int]] = []
    for at in _cores(tokens):
        if groups and _belongs(tokens, groups[-1][-1], at):
            groups[-1].append(at)
        else:
            groups.append([_start(tokens, at), at])
    for group in groups:
        group.append(_end(tokens, group[-1]))
    return groups


def _belongs(tokens: Sequence[Token], earlier: int, at: int) -> bool:
    between = tokens[earlier + 1 : at]
    return len(between) <= REACH and all(token.kind in (PREPOSITION, LINK, MODIFIER) for token in between)


def _start(tokens: Sequence[Token], at: int) -> int:
    start = at
    for earlier in range(at - 1, max(-1, at - 1 - REACH), -1):
        if tokens[earlier].kind != PREPOSITION and tokens[earlier].text not in _STARTS:
            break
        start = earlier
    while (
        start < at
        and tokens[start].text in {"the", "my", "about", "just", "this"}
        and tokens[start + 1].kind in (PREPOSITION, MODIFIER)
    ):
        start += 1
    return start


def _end(tokens: Sequence[Token], at: int) -> int:
    while at + 1 < len(tokens) and tokens[at + 1].text in _ENDS:
        at += 1
    return at
