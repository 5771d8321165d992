"""How well emergencies are found, and what else sets the alarm off."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import yaml

from bot.evaluation.predictions import Prediction, Predictions
from bot.evaluation.question_scores import Share, share_of
from bot.evaluation.samples import QuestionSample, Samples, UrgentSample
from bot.nlu.merge import Merge
from bot.nlu.urgency import AMBER


class Thresholds(NamedTuple):
    """Log-odds from which a message is an emergency."""

    symptom: float
    crisis: float


class SafetyScores(NamedTuple):
    """The figures about emergencies."""

    recall: Share
    near_misses_left_alone: Share
    near_misses_amber: Share
    """Near-misses that get the cautious line in front of their answer; they count as left alone."""
    ordinary_left_alone: Share
    ordinary_amber: Share
    recall_by_slice: Dict[str, Share]
    false_alarms_by_slice: Dict[str, Share]
    amber_distribution: Dict[str, int]
    """How the amber sample is read: none, amber, urgent_symptom, urgent_crisis."""
    missed: List[str]
    false_alarms: List[str]


class TradeOffPoint(NamedTuple):
    """What one threshold would give."""

    shift: float
    """Log-odds added to both thresholds; 0 is the chosen one."""
    recall: float
    near_miss_alarms: float
    ordinary_alarms: float


def ordinary_messages(samples: Samples) -> List[QuestionSample]:
    """Returns the questions that the safety check should leave alone."""
    return [sample for sample in samples.questions if sample.is_ordinary]


def score_safety(samples: Samples, predictions: Predictions) -> SafetyScores:
    """Scores the safety check.

    Args:
        samples: all development samples.
        predictions: of every sample's text.
    """
    urgent = [sample for sample in samples.urgent if sample.urgent]
    near = [sample for sample in samples.urgent if not sample.urgent]
    ordinary = [predictions[sample.text] for sample in ordinary_messages(samples)]
    near_read = [predictions[sample.text] for sample in near]
    alarming = [sample.text for sample in near] + [sample.text for sample in ordinary_messages(samples)]
    return SafetyScores(
        recall=share_of([predictions[sample.text].is_urgent for sample in urgent]),
        near_misses_left_alone=share_of([not prediction.is_urgent for prediction in near_read]),
        near_misses_amber=share_of([prediction.urgency == AMBER for prediction in near_read]),
        ordinary_left_alone=share_of([not prediction.is_urgent for prediction in ordinary]),
        ordinary_amber=share_of([prediction.urgency == AMBER for prediction in ordinary]),
        recall_by_slice=_by_slice(urgent, predictions),
        false_alarms_by_slice=_by_slice(near, predictions),
        amber_distribution=dict(Counter(predictions[text].urgency for text in samples.amber)),
        missed=[sample.text for sample in urgent if not predictions[sample.text].is_urgent],
        false_alarms=[text for text in alarming if predictions[text].is_urgent],
    )


def chosen_thresholds(config: Path) -> Thresholds:
    """Returns the thresholds in use: the component's defaults, overlaid by what the configuration says."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    written: Dict[str, Any] = next((entry for entry in pipeline if str(entry["name"]).endswith("Merge")), {})
    values = {**Merge.get_default_config(), **written}
    return Thresholds(float(values["symptom"]), float(values["crisis"]))


def margin(prediction: Prediction, thresholds: Thresholds) -> Optional[float]:
    """Returns by how much a message is over the nearer threshold (log-odds, negative below), or None without a head."""
    if prediction.symptom is None or prediction.crisis is None:
        return None
    return max(prediction.symptom - thresholds.symptom, prediction.crisis - thresholds.crisis)


def trade_off(samples: Samples, predictions: Predictions, thresholds: Thresholds) -> List[TradeOffPoint]:
    """Returns recall and false alarms for every threshold that changes them, lowest first; nothing without such a head."""

    def margins(texts: Sequence[str]) -> List[float]:
        found = [margin(predictions[text], thresholds) for text in texts]
        return [value for value in found if value is not None]

    urgent = margins([sample.text for sample in samples.urgent if sample.urgent])
    near = margins([sample.text for sample in samples.urgent if not sample.urgent])
    ordinary = margins([sample.text for sample in ordinary_messages(samples)])
    shifts = sorted({0.0, *urgent, *near, *ordinary}) if urgent else []
    return [TradeOffPoint(shift, _over(urgent, shift), _over(near, shift), _over(ordinary, shift)) for shift in shifts]


def _over(margins: Sequence[float], shift: float) -> float:
    return share_of([value >= shift for value in margins]).value


def _by_slice(samples: Sequence[UrgentSample], predictions: Predictions) -> Dict[str, Share]:
    groups: Dict[str, List[bool]] = {}
    for sample in samples:
        groups.setdefault(sample.slice, []).append(predictions[sample.text].is_urgent)
    return {name: share_of(marks) for name, marks in sorted(groups.items())}
