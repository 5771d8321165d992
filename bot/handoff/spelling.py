"""Words that are one slip of the finger away from a known one."""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Dict, FrozenSet, Iterable, Iterator, List, Optional, Tuple

LONG = 11
"""Letters from which on two slips are forgiven."""
MOST_SLIPS = 2


class Speller:
    """Knows a vocabulary and finds the word that was meant by one that was typed."""

    def __init__(self, known: Iterable[str], shortest: int = 6) -> None:
        """Learns the vocabulary.

        Args:
            known: words or short phrases, in small letters.
            shortest: how many letters a known word has at least to forgive a slip.
        """
        self._known: FrozenSet[str] = frozenset(known)
        self._alike: DefaultDict[Tuple[str, int], List[Tuple[FrozenSet[str], str]]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) >= shortest:
                for letter in {word[0], word[1]} if len(word) > shortest else {word[0]}:
                    self._alike[letter, len(word)].append((frozenset(word), word))

    def meant(self, typed: str) -> Optional[str]:
        """Returns the known word that was typed, as it is or with slips, or None.

        The first letter has to be right; of a longer word it may be the one that is missing ("rinkles").
        """
        if typed in self._known:
            return typed
        close = ((distance(word, typed), word) for word in self._close(typed))
        return min((found for found in close if found[0] <= _slips(found[1])), default=(0, None))[1]

    def _close(self, typed: str) -> Iterator[str]:
        """Returns the known words of about the same length and letters."""
        lengths = range(len(typed) - MOST_SLIPS, len(typed) + MOST_SLIPS + 1)
        near = [found for length in lengths for found in self._alike.get((typed[:1], length), ())]
        letters = frozenset(typed) if near else frozenset()
        for wanted, word in near:
            if abs(len(word) - len(typed)) <= _slips(word) and len(wanted ^ letters) <= 2 * _slips(word):
                yield word


def _slips(word: str) -> int:
    return MOST_SLIPS if len(word) >= LONG else 1


def distance(one: str, other: str) -> int:
    """Returns how many letters are added, dropped, changed or swapped with their neighbour between two words."""
    earlier: Dict[int, int] = {}
    before: Dict[int, int] = {}
    row = dict(enumerate(range(len(other) + 1)))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, {0: at}
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, earlier[to - 2] + 1)
            row[to] = cost
    return row[len(other)]
