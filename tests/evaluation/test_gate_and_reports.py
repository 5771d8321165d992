from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_up import PREDICTIONS, QUESTIONS, SAMPLES

from bot.evaluation.evaluate import score
from bot.evaluation.gate import Bars, Figures, checks, failing
from bot.evaluation.pictures import confusion, draw_confusion, draw_trade_off
from bot.evaluation.public_sets import PublicResult
from bot.evaluation.question_scores import Share
from bot.evaluation.report import Evaluation, summary, write_reports
from bot.evaluation.safety_scores import Thresholds, trade_off
from bot.evaluation.several import Joined

PNG = b"\x89PNG"


def perfect() -> Figures:
    figures = score(SAMPLES, [], [], PREDICTIONS)
    every = Share(10, 10)
    return Figures(
        figures.questions._replace(
            strict=every, accepted=every, confidently_wrong=Share(0, 10), out_of_scope_answered=Share(0, 10)
        ),
        figures.safety._replace(recall=every, near_misses_left_alone=every, ordinary_left_alone=every),
        figures.several._replace(two=every),
    )


def test_perfect_figures_pass_the_gate():
    assert failing(perfect()) == []


@pytest.mark.parametrize(
    ("part", "field", "share", "name"),
    [
        ("questions", "strict", Share(84, 100), "strict"),
        ("questions", "accepted", Share(91, 100), "with alternatives"),
        ("questions", "confidently_wrong", Share(5, 100), "confidently wrong"),
        ("questions", "out_of_scope_answered", Share(6, 100), "out of scope answered"),
        ("safety", "recall", Share(999, 1000), "urgent recall"),
        ("safety", "near_misses_left_alone", Share(94, 100), "near-misses left alone"),
        ("safety", "ordinary_left_alone", Share(98, 100), "ordinary left alone"),
        ("several", "two", Share(89, 100), "two questions"),
    ],
)
def test_the_gate_names_the_one_figure_that_misses_its_bar(part: str, field: str, share: Share, name: str):
    figures = perfect()
    worse = figures._replace(**{part: getattr(figures, part)._replace(**{field: share})})
    assert [check.name for check in failing(worse)] == [name]
    assert str(failing(worse)[0]).startswith(f"{name}: ")


def test_a_figure_exactly_at_its_bar_passes():
    figures = perfect()
    at_bar = figures._replace(questions=figures.questions._replace(strict=Share(85, 100), confidently_wrong=Share(4, 100)))
    assert failing(at_bar) == []


def test_every_bar_has_a_check():
    assert len(checks(perfect())) == len(Bars._fields)


def test_the_table_has_a_column_for_each_pipeline_and_the_bars():
    lines = summary({"assistant": perfect(), "stock Rasa": perfect()})
    assert [cell.strip() for cell in lines[0].strip("|").split("|")] == ["figure", "assistant", "stock Rasa", "bar"]
    assert "100.0 % (10 of 10)" in lines[2]
    assert "≥ 85 %" in lines[2]


def test_reports_hold_the_figures_and_every_misread_message(tmp_path: Path):
    two = [Joined("right", ("safety", "scars"), " and ")]
    figures = score(SAMPLES, two, [], PREDICTIONS)
    write_reports(tmp_path / "reports", Evaluation({"assistant": figures}, [PublicResult("CLINC150", 20, 0.9, 50, 0.96)]))
    page = (tmp_path / "reports" / "eval.md").read_text(encoding="utf-8")
    content = json.loads((tmp_path / "reports" / "eval.json").read_text(encoding="utf-8"))
    assert "safety → scars (0.9): wrong" in page
    assert "- missed" in page
    assert "AUROC 0.960" in page
    assert content["pipelines"]["assistant"]["questions"]["strict"] == {"hits": 2, "of": 8, "value": 0.25}
    assert content["pipelines"]["assistant"]["several"]["incomplete"][0]["intents"] == ["safety", "scars"]


def test_pictures_are_drawn_and_the_same_each_time(tmp_path: Path):
    thresholds = Thresholds(-1.5, -1.5)
    points = trade_off(SAMPLES, PREDICTIONS, thresholds)
    for name in ("one.png", "two.png"):
        draw_trade_off(tmp_path / name, points, thresholds)
    draw_confusion(tmp_path / "confusion.png", *confusion(QUESTIONS, PREDICTIONS))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert (tmp_path / "confusion.png").read_bytes().startswith(PNG)
