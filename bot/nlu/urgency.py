"""Could a sentence be an emergency? Asked of the whole message and of every clause, on every turn.

It learns from all of `data/nlu.yml`: the intents urgent_symptom and urgent_crisis, the blocks whose metadata say
`urgency: amber`, and everything else, where the near-misses sit.
"""

from __future__ import annotations

from typing import List, NamedTuple

from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import red_flags
from bot.nlu.arrays import Array
from bot.nlu.scorer import Comparison, Scores

ALARM = "alarm"
SYMPTOM = "urgent_symptom"
CRISIS = "urgent_crisis"
AMBER = "amber"
NONE = "none"

CERTAIN = 5.0
"""Log-odds given to what cannot be mistaken, whatever the classifier thinks of the sentence."""


class Alarm(NamedTuple):
    """Log-odds that one sentence is each kind of emergency, against it being ordinary; 0 is even, -2 about one in eight."""

    symptom: float
    crisis: float
    amber: float
    signs: List[str]
    """Red flags that the sentence names, whatever it says of them."""


def urgency_of(example: Message) -> str:
    """Returns the urgency that a training example teaches."""
    if example.get(INTENT) in (SYMPTOM, CRISIS):
        return str(example.get(INTENT))
    metadata = (example.get("metadata") or {}).get("intent") or {}
    return str(metadata.get("urgency", NONE))


def weighted_red_flags(compared: Comparison) -> Array:
    """Returns the red flags as further columns for the scorer."""
    return red_flags.columns(compared.flags) * red_flags.WEIGHT


def alarms(scores: Scores, compared: Comparison) -> List[Alarm]:
    """Returns an alarm for every sentence."""
    ordinary = scores.closeness[:, scores.labels.index(NONE)]
    columns = {label: scores.evidence[:, index] - ordinary for index, label in enumerate(scores.labels)}
    found = []
    for index, flags in enumerate(compared.flags):
        certain = flags.unmistakable
        found.append(
            Alarm(
                symptom=CERTAIN if certain == SYMPTOM else float(columns[SYMPTOM][index]),
                crisis=CERTAIN if certain == CRISIS else float(columns[CRISIS][index]),
                amber=float(columns[AMBER][index]),
                signs=flags.signs,
            )
        )
    return found
