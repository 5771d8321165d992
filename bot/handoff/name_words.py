"""Which words can be somebody's name, how a name is written, and what is no name at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import FrozenSet, NamedTuple, Optional, Sequence

from bot.handoff.concerns_in_text import is_word_of_concerns
from bot.handoff.spelling import Speller
from bot.handoff.time_words import is_word_of_times
from bot.handoff.town_names import is_town
from bot.handoff.typed_text import EMAIL, PHONE, plain, word_set
from bot.handoff.word_lists import everyday_words, given_names

LONGEST_NAME = 40
MOST_WORDS = 2
LONGEST_HALF = 4
"""Letters of a word that may belong to the first name before it though no list knows it."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0980-\u0df3\u0e31-\u0e4e\u0eb1-\u0ece"
    "\u1000-\u109f\u1780-\u17d3"
)
_LETTER = rf"(?:[^\W\d_]|(?!\w)[{_MARKS}])"
_RUN = rf"{_LETTER}{{1,{LONGEST_NAME}}}(?!{_LETTER})"
WORD = rf"{_RUN}(?:['.-]{_RUN}){{0,3}}"
"""A word of a name: letters of any script, with apostrophes, dots and hyphens between them."""

_SMALL_WORDS = word_set(
    "a about actually after all also am an and any anyone anything are as asap at back be because been before being best"
    " but by can cannot cant come could did do does doing done dont each either else ever every for from get getting give go"
    " going good got had has have he her here hers hey hi him his how i if im in into is it its ive just later like looking"
    " maybe me mine more most much my need never no none nope nor not nothing now of off ok okay on one only or our out over"
    " please pls private really say should skip so some someone something soon sorry still sure text than thank thanks that"
    " thats the their them then there these they this those to today tomorrow too under until up us very want was way we"
    " well were what whatever when whenever where which while who whom why will with wont would wrong yeah yep yes yet you"
    " your yours cancel stop help name names first last call phone email anonymous unknown nobody spelled так ні да нет no"
    " btw oui non si sí hindi oo opo haan है ਹੈ हूँ ਹਾਂ हाँ नहीं ਹਾਂ ਨਹੀਂ نعم لا 是 不 不是 好 はい いいえ 네 아니요"
)
NEVER = frozenset(plain(word) for word in _SMALL_WORDS)
"""Never a name, whatever stands before."""
TITLES = word_set("mr mrs ms miss mister dr doctor prof sir madam madame mme mlle mx rev")
_ALONE = frozenset({"An", "Can", "Do", "My", "So", "Will", "Ha", "Le", "Thu", "Van"})

_NOT_BY_ENDING = re.compile(
    r"(?:ing|ed|ly|tion|sion|ness|ment|able|ible|ous|ful|less|ical|ish|ist|ian|ese|ican|ism|ity|ology|ologist|itis|phobic"
    r"|holic)s?"
)
_CONTRACTED = re.compile(r".+(?:n't|'s|'m|'re|'ve|'ll|'d)")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghi", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")
_THROWAWAY = word_set(
    "test testing tester asdf asdfg qwerty qwer zxcv foo bar foobar blah lol haha hahaha lmao null nil undefined xxx xyz"
    " abc na noname fake fakename admin root user username aaa bbb nunya"
)


@lru_cache(maxsize=1)
def _speller() -> Speller:
    return Speller(everyday_words(), shortest=7)


def is_known(word: str) -> bool:
    """Is a word, or are the parts of a hyphenated one, a common given name?"""
    bare = plain(word).replace("'", "")
    return bare in given_names() or ("-" in bare and all(part in given_names() for part in bare.split("-")))


def is_unmistakable(word: str) -> bool:
    """Is a word a common given name and nothing else?"""
    return is_known(word) and not is_ordinary(word)


def is_ordinary(word: str) -> bool:
    """Is a word one of those that messages are made of, or of the clinic's vocabulary, a day or a town?"""
    small = plain(word)
    bare = small.replace("'", "").strip(".-")
    if bare in everyday_words() or bare in NEVER or small in NEVER or _CONTRACTED.fullmatch(small):
        return True
    if "-" in bare and all(part in everyday_words() for part in bare.split("-")) and not is_known(word):
        return True
    if bare.endswith("s") and bare[:-1] in everyday_words() and not is_known(word):
        return True
    return not is_known(word) and (is_word_of_concerns(bare) or is_word_of_times(bare) or is_town(small))


def looks_ordinary(word: str) -> bool:
    """Is a word that no list knows still more like a slip or a description than like a name: intrested, hypothyroidic?"""
    if is_known(word):
        return False
    bare = plain(word)
    return (
        is_ordinary(word)
        or bool(_NOT_BY_ENDING.search(bare[-8:]) and re.search(rf"{_NOT_BY_ENDING.pattern}$", bare))
        or (len(bare) >= 6 and _speller().meant(bare) is not None)
    )


def is_throwaway(word: str) -> bool:
    """Is a word one that somebody types to get past a question: asdf, xxxx, test?"""
    bare = plain(word).replace("-", "").replace("'", "")
    if bare in _THROWAWAY or (len(bare) >= 3 and len(set(bare)) == 1 and bare.isascii()):
        return True
    if len(bare) >= 4 and any(bare in row * 2 for row in _ROWS):
        return True
    return bare.isascii() and len(bare) >= 4 and not re.search(r"[aeiouy]", bare)


def may_stand_alone(word: str) -> bool:
    """Is a small word a name when it is the whole answer, written with a capital: An, My, Will?"""
    return word in _ALONE


def written(parts: Sequence[str]) -> Optional[str]:
    """Returns the first words of a name in its usual spelling, or None when they make no name that can be kept."""
    name = ""
    for part in parts[:MOST_WORDS]:
        part = part.strip(".'-")
        if len(part) == 1 and part.isascii():
            break
        longer = f"{name} {_capitals(part)}".strip()
        if len(longer) > LONGEST_NAME:
            break
        name = longer
    return name if re.fullmatch(rf"{WORD}(?: {WORD})?", name) else None


def without_family_name(name: str) -> str:
    """Returns the first name of a name as `written` gives it, which is all that anybody needs.

    A second word stays where it may belong to the first: it is a given name too ("Mary Ann"), or short ("Mei Lan").
    """
    first, _, second = name.partition(" ")
    return first if is_known(first) and not is_known(second) and len(second) > LONGEST_HALF else name


def _capitals(word: str) -> str:
    """Returns a word with capitals; those that somebody set with care stay."""
    is_short = len(word) <= 2 and word.isascii()
    if word not in (word.lower(), word.upper()) or (is_short and word == word.upper()):
        return word
    if is_short and not set(plain(word)) & set("aeiouy"):
        return word.upper()
    return re.sub(rf"(^|['-])({_LETTER})", lambda match: f"{match.group(1)}{match.group(2).upper()}", word.lower())


class NameRead(NamedTuple):
    """What was read as a name, and what is wrong with what was given as one."""

    name: Optional[str] = None
    problem: Optional[str] = None
    """not_a_name or too_long."""


class Typed(NamedTuple):
    """A text in which a name is looked for, and what is known around it."""

    text: str
    asked: bool
    people: FrozenSet[str]
    """Words of names that a language model found, in small letters."""

    def gives_contact(self) -> bool:
        """Is there a phone number or an address in the text?"""
        return PHONE in self.text or EMAIL in self.text

    def is_capital(self, word: str) -> bool:
        """Does a word begin with a capital that means something? Scripts without capitals count as if it did."""
        if word.lower() == word.upper():
            return True
        return word[0].isupper() and self.text.upper() != self.text

    def is_person(self, word: str) -> bool:
        """Is a word a common given name, or one that the language model found?"""
        return is_unmistakable(word) or (plain(word) in self.people and not is_ordinary(word))
