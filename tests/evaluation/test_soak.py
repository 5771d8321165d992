"""What a soak looks for, and a small one that is really run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluation.load_arguments import FEWEST_TURNS
from bot.evaluation.load_pictures import draw_soak
from bot.evaluation.soak import AROUND, CYCLE, EARLY, SoakPlan, run_soak
from bot.evaluation.soak_figures import Pace, Sample, Soaked, pace_of, soak_aims
from bot.evaluation.soak_report import soak_page

STEADY = Pace(5, 200, [20.0, 30.0], [22.0, 30.0])
FIRST = Sample(0, 800.0, 40, 7)


def soaked(last: Sample = FIRST, pace: Pace = STEADY, answered: int = 1000, silent: int = 0, failed: int = 0) -> Soaked:
    return Soaked(
        1000, 20.0, answered, silent, failed, 0, [FIRST, Sample(500, 850.0, 45, 9), last], pace, "Rasa 3.6.21", 0.1
    )


def missed(found: Soaked) -> list[str]:
    return [aim.text for aim in soak_aims(found) if not aim.reached]


def test_a_server_that_stays_as_it_was_reaches_everything():
    assert missed(soaked()) == []
    assert missed(soaked(Sample(1000, 840.0, 42, 9))) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (soaked(Sample(1000, 841.0, 40, 7)), "memory grows"),
        (soaked(Sample(1000, 800.0, 43, 7)), "file descriptors"),
        (soaked(Sample(1000, 800.0, 40, 10)), "connections"),
        (soaked(pace=Pace(5, 200, [20.0], [24.1])), "turn 200 takes"),
        (soaked(pace=Pace(5, 200, [], [])), "turn 200 takes"),
        (soaked(answered=999, failed=1), "every turn"),
        (soaked(answered=999, silent=1), "every turn"),
    ],
)
def test_what_grows_slows_down_or_is_lost_is_named(found: Soaked, words: str):
    (aim,) = missed(found)
    assert words in aim


def test_only_conversations_that_were_held_to_their_end_count():
    whole = [10.0] * 7 + [1.0] * 6 + [30.0, 40.0, 20.0, 10.0, 90.0]
    pace = pace_of([whole, whole[:-1], []], early_turn=5, late_turn=16, around=2)
    assert (pace.early, pace.late, pace.slower) == ([10.0], [30.0], 3.0)


def test_around_an_early_and_a_late_turn_the_same_messages_are_sent():
    assert (SoakPlan(FEWEST_TURNS).late - EARLY) % CYCLE == 0
    assert EARLY > AROUND


def test_the_fewest_turns_allowed_bring_every_long_conversation_to_its_end():
    plan = SoakPlan(FEWEST_TURNS)
    assert plan.turns >= plan.visitors * (plan.late + AROUND)


def test_the_page_has_the_figures_and_the_picture_is_drawn(tmp_path: Path):
    page = "\n".join(soak_page(soaked(Sample(1000, 900.0, 40, 7))))
    assert "+12.5 % (800 to 900 MB)" in page
    assert "missed" in page
    assert "50 a second" in page
    draw_soak(tmp_path / "soak.png", soaked())
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


def test_a_small_soak_is_run_and_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run_soak(SoakPlan(turns=120, visitors=4, late=EARLY + CYCLE), tmp_path)
    found = json.loads((tmp_path / "soak.json").read_text(encoding="utf-8"))
    assert found["turns"] == found["answered"] == 120
    assert found["samples"][0]["turns"] == 0
    assert found["samples"][-1]["turns"] == 120
    assert all(sample["connections"] > 0 and sample["megabytes"] > 100 for sample in found["samples"])
    assert found["pace"]["early"]
    assert "every turn is answered" in capsys.readouterr().out
    assert "turn 20 takes" in (tmp_path / "soak.md").read_text(encoding="utf-8")
