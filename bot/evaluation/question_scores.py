"""How well questions are recognised: right, acceptable, rejected, or wrong with confidence."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence

from bot.evaluation.predictions import Prediction, Predictions
from bot.evaluation.samples import QuestionSample
from bot.nlu.merge import FALLBACK, STEERING

OUT_OF_SCOPE = "out_of_scope"
NOT_AN_ANSWER = STEERING | {FALLBACK}
"""Intents whose reply claims nothing: a greeting, "I did not understand", "that is not my subject"."""


class Share(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; 0 of 0 is 0."""
        return self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % ({self.hits} of {self.of})"


class IntentScore(NamedTuple):
    """One intent's messages."""

    strict: Share
    accepted: Share


class Misread(NamedTuple):
    """A message that was not read acceptably."""

    text: str
    expected: str
    read: str
    confidence: float


class QuestionScores(NamedTuple):
    """The figures about intents."""

    strict: Share
    accepted: Share
    confidently_wrong: Share
    rejected: Share
    out_of_scope_answered: Share
    too_many_questions: Share
    """Messages with one question in which several were read."""
    by_intent: Dict[str, IntentScore]
    misread: List[Misread]


def is_strict(sample: QuestionSample, prediction: Prediction) -> bool:
    """Are exactly the intents of one primary alternative read, all of them?"""
    return any(set(prediction.read) == set(alternative) for alternative in sample.primary)


def is_accepted(sample: QuestionSample, prediction: Prediction) -> bool:
    """Is every intent that was read among the acceptable ones?"""
    return all(intent in sample.accept for intent in prediction.read)


def is_rejected(prediction: Prediction) -> bool:
    """Is the visitor told that the message was not understood?"""
    return prediction.intent == FALLBACK


def is_confidently_wrong(sample: QuestionSample, prediction: Prediction) -> bool:
    """Is something answered that should not be?"""
    return not is_rejected(prediction) and not is_accepted(sample, prediction)


def answers_wrongly(sample: QuestionSample, prediction: Prediction) -> bool:
    """Does any intent that was read promise an answer that is not acceptable?"""
    return any(intent not in NOT_AN_ANSWER and intent not in sample.accept for intent in prediction.read)


def score_questions(samples: Sequence[QuestionSample], predictions: Predictions) -> QuestionScores:
    """Scores the question samples.

    Args:
        samples: with the intents they should have.
        predictions: of every sample's text.
    """
    pairs = [(sample, predictions[sample.text]) for sample in samples]
    outside = [pair for pair in pairs if pair[0].primary[0] == (OUT_OF_SCOPE,)]
    single = [pair for pair in pairs if all(len(alternative) == 1 for alternative in pair[0].primary)]
    groups: Dict[str, List[int]] = {}
    for index, (sample, _) in enumerate(pairs):
        groups.setdefault("+".join(sample.primary[0]), []).append(index)
    strict = [is_strict(*pair) for pair in pairs]
    accepted = [is_accepted(*pair) for pair in pairs]
    return QuestionScores(
        strict=share_of(strict),
        accepted=share_of(accepted),
        confidently_wrong=share_of([is_confidently_wrong(*pair) for pair in pairs]),
        rejected=share_of([is_rejected(prediction) for _, prediction in pairs]),
        out_of_scope_answered=share_of([answers_wrongly(*pair) for pair in outside]),
        too_many_questions=share_of([len(prediction.read) > 1 for _, prediction in single]),
        by_intent={
            name: IntentScore(share_of([strict[i] for i in rows]), share_of([accepted[i] for i in rows]))
            for name, rows in sorted(groups.items())
        },
        misread=[_misread(*pair) for pair in pairs if not is_accepted(*pair)],
    )


def share_of(marks: Sequence[bool]) -> Share:
    """Counts the true ones."""
    return Share(sum(marks), len(marks))


def _misread(sample: QuestionSample, prediction: Prediction) -> Misread:
    expected = "|".join("+".join(alternative) for alternative in sample.primary)
    return Misread(sample.text, expected, "+".join(prediction.read), round(prediction.confidence, 3))
