"""Words for times, and a text read as such words."""

from __future__ import annotations

import re
from typing import List, NamedTuple

from bot.handoff.spelling import Speller
from bot.handoff.typed_text import plain, word_set
from bot.handoff.word_lists import everyday_words

CORE, HOUR, EVENT, MONTH, SHORT_DAY, PREPOSITION, LINK, MODIFIER, OTHER = "chemspldx"
"""What a word can be: a time by itself; a number or an occasion that is one beside other words; what only goes with one."""

_TOKEN = re.compile(
    r"\d{1,2}[:.h]\d{2}(?: ?[ap](?:\.m\.|\.?m\b))?(?:ish\b)?|\d{1,4} ?[ap](?:\.m\.|m\b)(?:ish\b)?|\d{1,2} ?o'?clock\b"
    r"|\d{1,2}ish\b"
    r"|\d{1,2}(?:st|nd|rd|th)\b|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|\S",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}.*|\d{1,4} ?[ap]\.?m\.?(?:ish)?|\d{1,2} ?o'?clock|\d{1,2}ish", re.IGNORECASE)
_HOUR = re.compile(r"(?:[01]?\d|2[0-4])|(?:0?[6-9]|1\d|2[0-3])[0134][05]|\d{1,2}(?:st|nd|rd|th)", re.IGNORECASE)
_KINDS = {
    CORE: word_set(
        "monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday"
        " sundays tues thurs weekday weekdays weekend weekends weeknight weeknights morning mornings mornin afternoon"
        " afternoons evening evenings night nights nite tonight tomorrow tmrw today noon midday midnight lunchtime"
        " lunchtimes daytime dinnertime suppertime bedtime anytime whenever wkend wkends wknd wknds wkday wkdays evng evngs"
        " evnings aft morn morns mornins"
    ),
    HOUR: word_set("one two three four five six seven eight nine ten eleven twelve"),
    EVENT: word_set(
        "work school lunch supper dinner breakfast harvest calving seeding christmas easter shift hours bed daycare church"
        " chores funeral"
    ),
    MONTH: word_set(
        "january february april june july august september october november december jan feb mar apr jun jul aug sept sep"
        " oct nov dec"
    ),
    SHORT_DAY: word_set("mon tue wed thu thur fri sat sun eve"),
    PREPOSITION: word_set(
        "after aftr afer aftre before befor b4 around arround about from between betwen btwn until till til past by at later"
        " earlier during"
    ),
    LINK: word_set("and or to & / , - + thru through except but then"),
    MODIFIER: word_set(
        "on in the my early late mid every each only usually mostly mainly next this week most all onwards onward just not"
        " best any no day days so long half quarter sharp preferably either also break hour other end of oclock o'clock is"
    ),
}
_KIND_OF = {word: kind for kind, listed in _KINDS.items() for word in listed}
_PHRASES = re.compile(
    r"\bany ?time(?: at all)?\b|\bwhenever\b|\bno preference\b|\bany day\b|\bas soon as possible\b|\basap\b|\ball day\b"
    r"|\bflexible\b|\bdoes ?n'?t matter\b"
    r"|\b(?:at|over|around|during) (?:lunch|supper|dinner)\b|^lunch$|\bm ?- ?f\b"
    r"|\b(?:sun|mon|tues|wednes|thurs|fri|satur)day the \d{1,2}(?:st|nd|rd|th)\b"
    r"|\b(?:my days?|days) off(?: only)?\b|\b(?:lunch|coffee|supper) (?:break|hour)\b|\bon (?:my )?breaks?\b|\b(?:next"
    r"|this|later this) week\b|\bweek ?(?:days?|ends?|nights?)\b"
    r"|\bin (?:about )?(?:an?|\d{1,2}|one|two|three|a couple(?: of)?) (?:hours?|minutes?|mins|days?|weeks?)\b"
    r"|\bend of (?:the )?(?:day|week|month)\b",
    re.IGNORECASE,
)
_SPELLER = Speller((word for word in _KINDS[CORE] if len(word) > 5), shortest=6)
_ALIKE = word_set("monitor sundae insight")


class Token(NamedTuple):
    """A word, a number or a sign, in small letters, and where it stands."""

    text: str
    start: int
    end: int
    kind: str


def is_word_of_times(word: str) -> bool:
    """Is a word one for a day, a part of the day or a month?"""
    kind = _KIND_OF.get(word, OTHER)
    return (
        kind in (CORE, HOUR)
        or (kind == SHORT_DAY and word != "eve")
        or (kind == MONTH and word not in {"april", "june", "jan", "august"})
    )


def tokens_of(text: str) -> List[Token]:
    """Returns the words, numbers and signs of a text, each with what it can mean for a time."""
    spans = [match.span() for match in _PHRASES.finditer(text)]
    tokens = []
    for match in _TOKEN.finditer(text):
        while spans and spans[0][1] <= match.start():
            spans.pop(0)
        is_inside = bool(spans) and spans[0][0] <= match.start()
        tokens.append(Token(plain(match.group()), match.start(), match.end(), CORE if is_inside else _kind(match.group())))
    return tokens


def _kind(typed: str) -> str:
    word = plain(typed)
    if word in _KIND_OF:
        return _KIND_OF[word]
    if _CLOCK.fullmatch(word):
        return CORE
    if _HOUR.fullmatch(word):
        return HOUR
    is_slip = len(word) >= 6 and word not in everyday_words() and word not in _ALIKE and _SPELLER.meant(word)
    return CORE if is_slip else OTHER
