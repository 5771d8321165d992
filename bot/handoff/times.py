"""When a visitor wants to be contacted: a short phrase out of words for times, and of nothing else."""

from __future__ import annotations

import re
from typing import List, Optional, Sequence, Tuple

from bot.handoff.time_phrases import times_in
from bot.handoff.time_words import HOUR, LINK, Token, tokens_of
from bot.handoff.typed_text import EMAIL, PHONE, word_set

LONGEST_PHRASE = 60
MOST_PHRASES = 3
_MEANT = re.compile(
    r"\b(?:meant(?! to\b)|change (?:it|that|my time|the time) to|make (?:it|that)|switch (?:it )?to|instead)\b",
    re.IGNORECASE,
)
_CONTACT_ME = re.compile(
    rf"[{PHONE}{EMAIL}]|\b(?:call|text|txt|phone|ring|reach|contact|email|message|msg|get|catch)(?: \w+)? (?:me|us|back"
    rf"|her|him)\b"
    r"|^\W*(?:please |pls )?(?:call|text|phone)\b|\b(?:you|u) can (?:call|text|phone|email|reach|try)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:do ?n'?t|did ?n'?t|ca ?n'?t|cannot|can not|won'?t|never|no calls?|no texts?|not (?:free|available|home|around)"
    r"|unavailable|(?<!not )busy|no signal|no service|at work|asleep)\b[\w' ]{0,20}$",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"\b(?:supposed|told|never|waiting|missed|promised|asked|did|since|ago|was|were|had)\b", re.IGNORECASE
)
_SAID_BEFORE = re.compile(
    r"\b(?:(?:best|better|good|easiest|great|ideal|perfect)(?: (?:time|times|day|days))?(?: to (?:call|text|reach|contact"
    r"|phone)(?: me)?)?(?: for me)?"
    r"(?: is| are| would be|:)|best|(?:i'm|im|i am|i'll be|we're)(?: \w+)? (?:free|available|home|off|around)"
    r"|i(?:'d)? prefer\w*|i (?:said|put)|meant|can (?:talk|chat)"
    r"|make (?:it|that)|(?:change|switch) (?:it|that|my time|the time) to)(?: (?:on|in|the|at|usually|mostly|only"
    r"|like)){0,3}\W*$",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    r"\W*(?:\w+ ){0,2}?(?:is|are|r|'s|works?|suits?|would be|be)(?: \w+)? (?:best|better|good|fine|great|ok|okay|easier"
    r"|easiest|ideal|perfect|me)\b"
    r"|\W*(?:works?|suits?)(?: best| better| well| me| for me)?\b|\W*(?:are|is) my days? off",
    re.IGNORECASE,
)
_FILLER = word_set(
    "please pls plz thanks thank you thx ok okay sure um uh well i i'm im am is are it's its would be best better good fine"
    " for me really that works work suits suit prefer at all yes yeah no lol actually maybe probably usually if possible po"
    " free available can do retired hi , . ! * - ( ) day"
)
_GREETINGS = word_set("not morning evening afternoon night today tonight mornin day")


def read_best_time(text: str, asked: bool) -> Optional[str]:
    """Returns when to contact the visitor, in their own words for times, at most `LONGEST_PHRASE` characters; or None.

    Args:
        text: folded, with `PHONE` and `EMAIL` where a number and an address were.
        asked: the visitor was just asked when; otherwise a time counts only where being contacted is meant.
    """
    tokens = tokens_of(text)
    groups = times_in(tokens)
    if asked and tokens and not groups and all(token.kind in (HOUR, LINK) for token in tokens):
        groups = [[0, len(tokens) - 1]]
    if not asked:
        groups = [group for group in groups if _is_meant(text, tokens, group, groups)]
    meant = list(_MEANT.finditer(text))
    if meant and any(tokens[group[0]].start > meant[-1].start() for group in groups):
        groups = [group for group in groups if tokens[group[0]].start > meant[-1].start()]
    said: List[str] = []
    for group in groups:
        phrase = _phrase(text, tokens[group[0]].start, tokens[group[-1]].end)
        if phrase.lower() not in (earlier.lower() for earlier in said):
            said.append(phrase)
    return _shortened(", ".join(said[:MOST_PHRASES])) or None


def _phrase(text: str, start: int, end: int) -> str:
    """Returns a time as typed; one that was denied ("don't call before ten") with "not"."""
    phrase = " ".join(text[start:end].split())
    is_denied = _DENIED.search(text[max(0, start - 40) : start]) and not phrase.lower().startswith("not ")
    return f"not {phrase}" if is_denied else phrase


def _is_meant(text: str, tokens: Sequence[Token], group: Sequence[int], groups: Sequence[Sequence[int]]) -> bool:
    """Is a time, for which nobody asked, one for being contacted?"""
    start, end = tokens[group[0]].start, tokens[group[-1]].end
    first, last = _sentence(text, start, end)
    sentence = text[first:last]
    if _LONG_AGO.search(sentence):
        return False
    if _CONTACT_ME.search(sentence):
        return True
    if sentence.rstrip().endswith("?"):
        return False
    if _SAID_BEFORE.search(text[max(0, start - 80) : start]) or _SAID_AFTER.match(text, end):
        return True
    return _comes_first(tokens, group) or _is_bare(tokens, first, last, groups)


def _sentence(text: str, start: int, end: int) -> Tuple[int, int]:
    """Returns where the sentence around a place in a text begins and ends."""
    first = max(text.rfind(sign, 0, start) for sign in ("\n", ". ", "! ", "? ")) + 1
    ends = [place + 1 for place in (text.find(sign, end) for sign in ".!?\n") if place >= 0]
    return first, min(ends, default=len(text))


def _is_bare(tokens: Sequence[Token], first: int, last: int, groups: Sequence[Sequence[int]]) -> bool:
    """Does a sentence consist of times and fillers alone? "Good morning" does not count."""
    inside = {place for group in groups for place in range(group[0], group[-1] + 1)}
    own = [(place, token.text) for place, token in enumerate(tokens) if first <= token.start < last]
    is_greeting = all(word in _GREETINGS for place, word in own if place in inside)
    return not is_greeting and all(word in _FILLER for place, word in own if place not in inside)


def _comes_first(tokens: Sequence[Token], group: Sequence[int]) -> bool:
    """Is it what the message is about: "Weekends only, I'm up north"?"""
    after = tokens[group[-1] + 1].text if group[-1] + 1 < len(tokens) else "."
    is_greeting = all(token.text in _GREETINGS for token in tokens[group[0] : group[-1] + 1])
    return group[0] == 0 and after in {",", ".", ";"} and not is_greeting


def _shortened(phrase: str) -> str:
    if len(phrase) <= LONGEST_PHRASE:
        return phrase
    return phrase[: LONGEST_PHRASE + 1].rpartition(" ")[0].rstrip(" ,-&/+")[:LONGEST_PHRASE]
