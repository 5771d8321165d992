"""A bare answer to the question for somebody's first name."""

from __future__ import annotations

import re
from typing import List, Optional

from bot.handoff.name_words import (
    LONGEST_NAME,
    MOST_WORDS,
    NEVER,
    TITLES,
    WORD,
    Typed,
    is_known,
    is_ordinary,
    is_throwaway,
    is_unmistakable,
    looks_ordinary,
    may_stand_alone,
    written,
)
from bot.handoff.names_in_place import is_of_somebody_else
from bot.handoff.typed_text import EMAIL, PHONE, plain, word_set

MOST_WORDS_OF_ANSWER = 3
MOST_WORDS_OF_FULL_NAME = 5

_CLAUSE = re.compile(r"(?P<said>[^,.;:!?\n()\"/]+)(?P<end>[,.;:!?\n()\"/]*)")
_TITLE_STOP = re.compile(r"\b((?:mr|mrs|ms|dr|prof|st|[a-z]))\. ", re.IGNORECASE)
_INITIALS = re.compile(r"\b[a-z]\.[a-z]\.", re.IGNORECASE)
_SPELT = re.compile(
    r",? \b(?:with|spelled|spelt)(?: with)? (?:an?|one|two|no|double) \W?\w{1,2}(?:'s|\W)?(?: (?:and )?(?:an? )?\w\b)*"
    r"(?: not (?:an? )?\w{1,2})?(?: (?:at|in) the (?:end|beginning|start|middle))?\W*$",
    re.IGNORECASE,
)
"""How a name is spelt: "Dustyn with a y"."""
_NAME = re.compile(rf"{WORD}(?: {WORD})*")
_FILLER = word_set(
    "it its it's is i i'm im am my name names name's just call me sure ok okay yes yeah yep hi hello hey well um uh oh so"
    " fine good thanks thank you thx please pls here po lol works go with by use put first actually no sorry this and u ty"
    " cheers for short would be alright hmm can mine mine's that thats that's k guess"
)
_RELATIVES = NEVER | word_set(
    "wife husband mom mum dad mother father sister brother daughter son friend partner not dr doctor dear"
)
_LETTERS = re.compile(r"[^\W\d_]")


def answered(typed: Typed) -> Optional[str]:
    """Returns the name that an answer consists of, or None for a question, a refusal or anything else."""
    text = _TITLE_STOP.sub(r"\1 ", _SPELT.sub("", typed.text))
    text = _INITIALS.sub(lambda match: match.group().replace(".", "").upper(), text)
    for clause in _CLAUSE.finditer(text):
        if "?" not in clause.group("end"):
            name = _bare(typed, clause.group("said"))
            if name:
                return name
    return _found_by_model(typed)


def insisted(text: str) -> Optional[str]:
    """Returns the name that an answer is taken for when it was asked for again: "it's Mo", "Sky", "they named me Leonard".

    Args:
        text: the answer, folded.
    """
    words = re.findall(WORD, text)
    parts = _without_filler(words) if _NAME.fullmatch(text.strip(" .!-")) else []
    if 1 <= len(parts) <= MOST_WORDS and not any(plain(part) in NEVER or is_throwaway(part) for part in parts):
        return written(parts)
    known = [word for word in words if word[0].isupper() and is_unmistakable(word)]
    return written(known) if len(known) == 1 else None


def what_is_wrong(text: str, clean: str) -> Optional[str]:
    """Returns why an answer is no name, not_a_name or too_long, or None when it looks like no try at one.

    Args:
        text: the answer, with `PHONE` and `EMAIL` where a number and an address were.
        clean: the same without emoji and smileys.
    """
    if PHONE in text or EMAIL in text:
        return None
    bare = clean.strip(" .,!?'\"-")
    if not _LETTERS.search(bare):
        return "not_a_name" if re.search(r"[^\s.,!?'\"-]", text) else None
    only = bare.split()
    is_odd = len(only) == 1 and bool(re.search(r"\d|[_#*<>=+&%]", bare))
    if is_odd or (len(only) <= MOST_WORDS_OF_ANSWER and is_throwaway(only[0])):
        return "not_a_name"
    return "too_long" if len(only) == 1 and len(bare) > LONGEST_NAME else None


def _bare(typed: Typed, clause: str) -> Optional[str]:
    clause = clause.replace(PHONE, " ").replace(EMAIL, " ").strip(" -*'~")
    if not _NAME.fullmatch(" ".join(clause.split())):
        return None
    if may_stand_alone(clause) and clause == typed.text.strip(" .!"):
        return clause
    parts = _without_filler(clause.split())
    if (
        len(parts) == 2
        and not _could_be(typed, parts[0], 0)
        and is_unmistakable(parts[1])
        and plain(parts[0]) not in _RELATIVES
    ):
        parts = parts[1:]
    if not parts or not all(_could_be(typed, part, at) for at, part in enumerate(parts)):
        return None
    is_full_name = len(parts) <= MOST_WORDS_OF_FULL_NAME and all(typed.is_capital(part) for part in parts)
    return written(parts) if len(parts) <= MOST_WORDS_OF_ANSWER or is_full_name else None


def _without_filler(parts: List[str]) -> List[str]:
    while parts and plain(parts[0]) in _FILLER | TITLES:
        parts = parts[1:]
    while parts and plain(parts[-1]) in _FILLER:
        parts = parts[:-1]
    return parts


def _could_be(typed: Typed, word: str, at: int) -> bool:
    if plain(word) in NEVER or is_throwaway(word):
        return False
    if at and typed.is_capital(word):
        return True
    return is_known(word) or not (
        is_ordinary(word) or (len(word) > 6 and not typed.is_capital(word) and looks_ordinary(word))
    )


def _found_by_model(typed: Typed) -> Optional[str]:
    """Falls back on a name that the language model found in a longer answer."""
    for match in re.finditer(WORD, typed.text):
        word = match.group()
        if (
            plain(word) in typed.people
            and is_known(word)
            and not is_ordinary(word)
            and not is_of_somebody_else(typed.text, match.start())
        ):
            return written([word])
    return None
