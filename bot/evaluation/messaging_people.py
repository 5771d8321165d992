"""People who ask by messaging apps what everybody asks, and what of their answers has reached them."""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, Mapping, NamedTuple, Sequence

from bot.evaluation.messaging_apis import Sent

QUESTIONS = (
    "Is it safe?",
    "What about scars?",
    "How much does it cost?",
    "Does it hurt?",
    "How does it compare with Botox?",
)
"""Each can be asked at any time, and is answered alike at any time."""
GREETING = ""
"""Stands for what comes before the first answer: who is speaking."""
OPENING = 40
"""Characters by which an answer is known; its end may depend on what was asked before."""

Openings = Dict[str, str]
"""By the question, or `GREETING`: how the answer begins."""


class Counted(NamedTuple):
    """What reached people."""

    expected: int
    """Answers, and one greeting for each person."""
    lost: int
    doubled: int
    unknown: int
    """Messages that begin as no answer does, and continue none: apologies, for instance."""


def opening(text: str) -> str:
    """Returns the beginning of an answer."""
    return text[:OPENING]


def count(
    people: Mapping[str, str], openings: Mapping[str, Openings], parts: Sequence[str], sent: Sequence[Sent]
) -> Counted:
    """Counts the answers of people who have each asked every question once.

    Args:
        people: the channel of each, by where they are answered.
        openings: by channel.
        parts: how the further messages of long answers begin.
        sent: everything that reached anybody, in order.
    """
    lost = doubled = unknown = 0
    for who, seen in _by_person(people, sent).items():
        known = openings[people[who]].values()
        lost += sum(not seen[begin] for begin in known)
        doubled += sum(max(0, seen[begin] - 1) for begin in known)
        unknown += sum(times for begin, times in seen.items() if begin not in known and begin not in parts)
    return Counted(sum(len(openings[channel]) for channel in people.values()), lost, doubled, unknown)


def _by_person(people: Mapping[str, str], sent: Sequence[Sent]) -> Dict[str, Counter[str]]:
    found: Dict[str, List[str]] = {who: [] for who in people}
    for each in sent:
        if each.to in found:
            found[each.to].append(opening(each.text))
    return {who: Counter(begins) for who, begins in found.items()}
