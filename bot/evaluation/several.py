"""Messages with several questions, built by joining samples that are read right alone."""

from __future__ import annotations

import random
from typing import List, NamedTuple, Sequence, Tuple

from bot.evaluation.predictions import Predictions
from bot.evaluation.question_scores import Share, share_of
from bot.evaluation.samples import QuestionSample
from bot.knowledge.questions import BY_INTENT

SEED = 20240607
TWO, THREE = 100, 30
JOINTS = (" and ", "? also ", ". ", ", and ", "? ", " - ", " plus ")
"""How visitors string questions together."""
NO_QUESTION = frozenset({"complaint_feedback"})
"""Has an answer of its own, but visitors state it; it is not one of several questions."""
MOST_DRAWS = 20_000


class Joined(NamedTuple):
    """A message of several questions."""

    text: str
    intents: Tuple[str, ...]
    """What it asks, in order."""
    joint: str


class SeveralScores(NamedTuple):
    """The figures about messages with several questions."""

    two: Share
    three: Share
    together: Share
    nothing_else: Share
    """Of all joined messages, those in which exactly these questions are read, in order."""
    by_joint: dict[str, Share]
    written: Share
    """Of the samples that hold several questions as they were written."""
    incomplete: List[Joined]


def askable(samples: Sequence[QuestionSample]) -> List[QuestionSample]:
    """Returns the samples that ask one question that has an answer."""
    known = set(BY_INTENT) - NO_QUESTION
    return [
        sample
        for sample in samples
        if sample.is_ordinary and all(len(alternative) == 1 and alternative[0] in known for alternative in sample.primary)
    ]


def join_questions(samples: Sequence[QuestionSample], predictions: Predictions, size: int, count: int) -> List[Joined]:
    """Builds messages of different questions.

    The draws depend on the samples alone, so a model that reads a few more samples right gets mostly the same messages.

    Args:
        samples: all question samples.
        predictions: of every sample's text; only what is read right alone is joined.
        size: questions a message.
        count: messages wanted; fewer come back when too few samples are read right.
    """
    pool = askable(samples)
    generator = random.Random(SEED + size)  # nosec B311 # draws the same sample every time
    found: dict[str, Joined] = {}
    for draw in range(MOST_DRAWS if len(pool) >= size else 0):
        drawn = generator.sample(pool, size)
        joint = JOINTS[draw % len(JOINTS)]
        intents = tuple(predictions[sample.text].intent for sample in drawn)
        right = all((intent,) in sample.primary for sample, intent in zip(drawn, intents))
        alone = all(len(predictions[sample.text].read) == 1 for sample in drawn)
        if right and alone and len(set(intents)) == size:
            joined = Joined(join([sample.text for sample in drawn], joint), intents, joint)
            found[joined.text] = joined
        if len(found) == count:
            break
    return list(found.values())


def join(texts: Sequence[str], joint: str) -> str:
    """Joins questions as a visitor would: end marks give way to the joint, and a capital goes where no sentence begins."""
    joined = texts[0].strip()
    for text in texts[1:]:
        part = text.strip()
        joined = joined.rstrip("?.! ") + joint + (part if joint == ". " else _uncapitalised(part))
    return joined


def _uncapitalised(text: str) -> str:
    first = text.split()[0]
    plain = len(first) > 1 and first[1:].islower() and not first.startswith("I'")
    return text[0].lower() + text[1:] if plain else text


def is_complete(joined: Joined, read: Tuple[str, ...]) -> bool:
    """Are all questions found, in their order, whatever else was read?"""
    remaining = iter(read)
    return all(intent in remaining for intent in joined.intents)


def score_several(
    two: Sequence[Joined], three: Sequence[Joined], samples: Sequence[QuestionSample], predictions: Predictions
) -> SeveralScores:
    """Scores messages with several questions.

    Args:
        two: joined messages of two questions.
        three: joined messages of three questions.
        samples: all question samples; those whose every alternative, or one of them, holds several questions are scored.
        predictions: of all these messages.
    """
    every = [*two, *three]
    complete = {joined.text: is_complete(joined, predictions[joined.text].questions) for joined in every}
    by_joint: dict[str, List[bool]] = {}
    for joined in every:
        by_joint.setdefault(joined.joint, []).append(complete[joined.text])
    written = [sample for sample in samples if any(len(alternative) > 1 for alternative in sample.primary)]
    return SeveralScores(
        two=share_of([complete[joined.text] for joined in two]),
        three=share_of([complete[joined.text] for joined in three]),
        together=share_of(list(complete.values())),
        nothing_else=share_of([predictions[joined.text].questions == joined.intents for joined in every]),
        by_joint={joint: share_of(marks) for joint, marks in by_joint.items()},
        written=share_of([_all_found(sample, predictions[sample.text].read) for sample in written]),
        incomplete=[joined for joined in every if not complete[joined.text]],
    )


def _all_found(sample: QuestionSample, read: Tuple[str, ...]) -> bool:
    return any(set(alternative) <= set(read) for alternative in sample.primary if len(alternative) > 1)
