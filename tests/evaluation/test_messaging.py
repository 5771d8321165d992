"""What the measurement of messaging apps counts, and a small one that is really run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional

import pytest

from bot.evaluation.messaging import MessagingPlan, Proven, messaging_aims, messaging_page, run_messaging
from bot.evaluation.messaging_apis import Sent
from bot.evaluation.messaging_faults import MOST_REFUSALS, REFUSALS, Faulty
from bot.evaluation.messaging_latency import Beside, Visit
from bot.evaluation.messaging_people import Counted, count
from bot.evaluation.messaging_samples import SAY
from bot.settings import Settings

OPENINGS = {"telegram": {"": "I am an assistant", "Is it safe?": "It is mostly safe", "Does it hurt?": "Most people feel"}}
PEOPLE = {"1": "telegram", "2": "telegram"}
ALL = ["I am an assistant", "It is mostly safe", "Most people feel"]
NONE_LOST = Counted(6, 0, 0, 0)
ALONE = Visit(10.0, 20.0, 5.0)


def compared(*beside: Visit, alone: Optional[List[Visit]] = None) -> Beside:
    return Beside(200, alone or [ALONE] * (len(beside) + 1), list(beside), 0.001, 0.002)


EVEN = compared(Visit(10.5, 21.0, 5.5))


def sent(who: str, *texts: str) -> List[Sent]:
    return [Sent(who, text, {}) for text in texts]


def proven(counted: Counted = NONE_LOST, beside: Beside = EVEN, wrong: int = 0) -> Proven:
    return Proven(
        Faulty(2, 4, {"acknowledged": 9, "cut in the middle": 1}, {"no connection": 7}, 3, counted), 2.0, beside, wrong, 0.1
    )


def missed(found: Proven) -> List[str]:
    return [aim.text for aim in messaging_aims(found) if not aim.reached]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (ALL, NONE_LOST),
        (ALL[::-1], NONE_LOST),
        ([*ALL, "and the rest of it"], NONE_LOST),
        (ALL[:2], Counted(6, 1, 0, 0)),
        ([*ALL[:2], ALL[1]], Counted(6, 1, 1, 0)),
        ([*ALL, ALL[0], ALL[0]], Counted(6, 0, 2, 0)),
        ([*ALL, "I'm sorry, something went wrong"], Counted(6, 0, 0, 1)),
        ([], Counted(6, 3, 0, 0)),
    ],
)
def test_every_answer_is_looked_for_with_everybody(second: List[str], found: Counted) -> None:
    reached = [*sent("1", *ALL), *sent("2", *second), *sent("somebody else", "It is mostly safe")]
    assert count(PEOPLE, OPENINGS, ["and the rest of it"], reached) == found


def test_everything_is_reached_when_nothing_is_lost_and_nobody_waits() -> None:
    assert missed(proven()) == []
    page = "\n".join(messaging_page(proven()))
    assert "10 deliveries of 4 messages by 2 people in 2 s, with a restart: 9 acknowledged, 1 cut in the middle." in page
    assert "do not count: 7 no connection." in page


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (proven(Counted(6, 1, 0, 0)), "lost"),
        (proven(Counted(6, 0, 1, 0)), "twice"),
        (proven(Counted(6, 0, 0, 1)), "nothing else"),
        (proven(wrong=1), "no API"),
        (proven(beside=compared(Visit(12.0, 20.0, 5.0))), "median"),
        (proven(beside=compared(Visit(10.0, 23.0, 5.0))), "95th"),
        (proven(beside=compared(Visit(10.0, 20.0, 6.0))), "processor time"),
    ],
)
def test_what_is_missed_is_named(found: Proven, words: str) -> None:
    (aim,) = missed(found)
    assert words in aim


def test_each_visit_is_compared_with_those_around_it_and_the_median_counts() -> None:
    slower = [Visit(10.0 * factor, 20.0 * factor, 5.0 * factor) for factor in (1, 3, 5, 7)]
    found = compared(Visit(20.0, 40.0, 10.0), Visit(40.0, 88.0, 20.0), Visit(660.0, 120.0, 60.0), alone=slower)
    assert (found.p50, found.p95, found.processor) == (1.0, 1.0, 1.0)
    assert found.noise == 0.667


def test_the_page_shows_the_visits_in_turn_and_what_the_server_does_when_nobody_visits() -> None:
    page = messaging_page(proven())
    first = next(number for number, line in enumerate(page) if line.startswith("| alone"))
    assert [line.split()[1] for line in page[first : first + 3]] == ["alone", "beside", "alone"]
    assert any("0.001 s of processors with nobody else there, 0.002 s while the API hangs" in line for line in page)


def test_every_channel_has_its_trouble_and_none_is_given_up_for_it() -> None:
    assert set(REFUSALS) == set(SAY)
    assert Settings.__fields__["messaging_attempts"].default > MOST_REFUSALS


def test_a_small_one_loses_and_doubles_nothing(tmp_path: Path) -> None:
    run_messaging(MessagingPlan(deliveries=120, at_once=4, senders=5, rounds=1, each=2, idle_seconds=0.1), tmp_path)
    found = json.loads((tmp_path / "messaging.json").read_text(encoding="utf-8"))
    counted = found["faulty"]["counted"]
    assert (counted["lost"], counted["doubled"], counted["unknown"], found["wrong"]) == (0, 0, 0, 0)
    assert counted["expected"] >= 2 * 4 * 6
    assert sum(found["faulty"]["deliveries"].values()) >= 120
    assert found["beside"]["beside"][0]["p50"] > 0
