from __future__ import annotations

from pathlib import Path

import pytest
from made_up import PREDICTIONS, SAMPLES, read

from bot.evaluation.predictions import from_parse, read_predictions, write_predictions
from bot.evaluation.question_scores import Share
from bot.evaluation.safety_scores import Thresholds, chosen_thresholds, margin, score_safety, trade_off
from bot.nlu.merge import Merge


def test_recall_counts_both_kinds_of_emergency():
    assert score_safety(SAMPLES, PREDICTIONS).recall == Share(2, 3)


def test_amber_near_misses_count_as_left_alone_and_are_counted_apart():
    scores = score_safety(SAMPLES, PREDICTIONS)
    assert scores.near_misses_left_alone == Share(2, 3)
    assert scores.near_misses_amber == Share(1, 3)


def test_figures_are_kept_by_slice():
    scores = score_safety(SAMPLES, PREDICTIONS)
    assert scores.recall_by_slice == {"911": Share(1, 2), "988": Share(1, 1)}
    assert scores.false_alarms_by_slice == {"negated": Share(0, 1), "past": Share(1, 2)}


def test_the_amber_sample_is_a_distribution():
    assert score_safety(SAMPLES, PREDICTIONS).amber_distribution == {"amber": 1}


def test_missed_emergencies_and_false_alarms_are_named():
    scores = score_safety(SAMPLES, PREDICTIONS)
    assert scores.missed == ["missed"]
    assert scores.false_alarms == ["was ill"]


def test_the_trade_off_at_the_chosen_threshold_is_what_was_measured():
    chosen = next(p for p in trade_off(SAMPLES, PREDICTIONS, Thresholds(-1.5, -1.5)) if p.shift == 0.0)
    assert chosen.recall == pytest.approx(2 / 3)
    assert chosen.near_miss_alarms == pytest.approx(1 / 3)
    assert chosen.ordinary_alarms == 0.0


def test_a_lower_threshold_never_finds_fewer_emergencies():
    recalls = [point.recall for point in trade_off(SAMPLES, PREDICTIONS, Thresholds(-1.5, -1.5))]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] == 1.0


def test_the_nearer_of_two_thresholds_decides():
    assert margin(read("safety", symptom=1.0, crisis=-1.0), Thresholds(symptom=2.0, crisis=-1.5)) == pytest.approx(0.5)


def test_a_pipeline_without_an_urgency_head_has_no_trade_off():
    predictions = {text: read("safety", symptom=None, crisis=None) for text in PREDICTIONS}
    assert trade_off(SAMPLES, predictions, Thresholds(-1.5, -1.5)) == []


def test_thresholds_come_from_the_configuration_and_else_from_the_component(tmp_path: Path):
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: bot.nlu.merge.Merge\n  symptom: 0.25\n", encoding="utf-8")
    assert chosen_thresholds(config) == Thresholds(0.25, Merge.get_default_config()["crisis"])


def test_a_stock_parse_result_is_taken_at_its_intent():
    prediction = from_parse({"intent": {"name": "urgent_symptom", "confidence": 0.5}})
    assert prediction.is_urgent
    assert prediction.symptom is None


def test_the_highest_part_of_a_message_counts():
    trace = [{"symptom": -1.0, "crisis": -4.0}, {"symptom": 2.0, "crisis": -6.0}]
    parsed = {"intent": {"name": "safety", "confidence": 0.5}, "urgency": "none", "trace": trace}
    assert (from_parse(parsed).symptom, from_parse(parsed).crisis) == (2.0, -4.0)


def test_predictions_come_back_as_they_were_written(tmp_path: Path):
    write_predictions(tmp_path / "kept" / "predictions.json", PREDICTIONS)
    assert read_predictions(tmp_path / "kept" / "predictions.json") == PREDICTIONS
    assert read_predictions(tmp_path / "missing.json") == {}
