"""What a load test counts, what it says of it, and one that is really run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.__main__ import main
from bot.evaluation.databases import new_database, observer, postgresql_server, sessions, version
from bot.evaluation.load_bench import LoadPlan, run_bench_load
from bot.evaluation.load_cells import Cell, Window, cell_of, measure_cell
from bot.evaluation.load_pictures import draw_load
from bot.evaluation.load_report import OWN, Measured, Setup, aims, load_page, load_table
from bot.evaluation.load_visitors import Line, Said, crowd, dialogues, open_session, outcome_of, talk
from bot.evaluation.processes import Running
from bot.evaluation.shares import quotas

if TYPE_CHECKING:
    from bot.shell.session import Assistant

WINDOW = Window(begun=100.0, ended=110.0, client_cores=0.1, server_cores=1.0)
ANSWER = [{"recipient_id": "visitor", "text": "Yes."}]
Handler = Callable[[web.Request], Any]


def cell(visitors: int, rate: float, p95: float | None = 50.0, servers: float = 1.0) -> Cell:
    return Cell(visitors, 100, rate, 20.0, p95, p95, 0, 0, 0, 0.2, servers)


def measured(*setups: Setup, processors: int = 2) -> Measured:
    return Measured(list(setups), processors, {"Rasa": "3.6.21"}, 0.1, 10, None)


OWN_SETUP = Setup(OWN, "PostgreSQL", 1, [cell(1, 40.0), cell(16, 60.0)])


def test_turns_are_measured_that_begin_in_the_window_and_counted_that_end_in_it():
    before = Said(99.0, 100.5, "answered")
    within = [Said(101.0 + number, 101.1 + number, "answered") for number in range(4)]
    beyond = Said(109.0, 119.0, "answered")
    found = cell_of(2, [before, *within, beyond, Said(110.5, 110.6, "answered")], WINDOW, refusals=3)
    assert (found.turns, found.turns_per_second, found.refusals) == (5, 0.5, 3)
    assert (found.p50, found.p99) == (100.0, 10_000.0)


def test_failures_make_percentiles_worse_and_are_no_throughput():
    quick_failures = [Said(101.0, 101.001, "failed")] * 6
    found = cell_of(1, [*[Said(102.0, 102.1, "answered")] * 94, *quick_failures], WINDOW, refusals=0)
    assert (found.turns_per_second, found.failed) == (9.4, 6)
    assert found.p50 == 100.0
    assert found.p95 is None


def test_a_cell_in_which_nobody_was_answered_says_so():
    found = cell_of(1, [], WINDOW, refusals=0)
    assert (found.turns_per_second, found.p50, found.p99) == (0.0, None, None)
    assert "never" in "\n".join(load_table([Setup(OWN, "SQLite", 1, [found])]))


def test_silence_is_counted_and_takes_its_time():
    found = cell_of(1, [Said(101.0, 103.0, "silent")], WINDOW, refusals=0)
    assert (found.silent, found.turns_per_second, found.p50) == (1, 0.0, 2000.0)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (ANSWER, "answered"),
        ([], "silent"),
        ([{"text": "I'm sorry, something went wrong on my side. Please send that again."}], "failed"),
        ([{"text": "That message wasn't kept, sorry, as if you hadn't sent it. Please send it again."}], "failed"),
        ([{"text": "That's a lot at once for me. Please wait a moment and send it again."}], "failed"),
        ({"error": "no"}, "failed"),
    ],
)
def test_an_apology_is_no_answer(messages: Any, expected: str):
    assert outcome_of(messages) == expected


def test_visitors_begin_with_different_dialogues_and_each_is_a_conversation():
    said = [next(talk(number))[1] for number in range(len(dialogues()))]
    assert said == [dialogue[0] for dialogue in dialogues()]
    visitor = talk(1)
    first = [next(visitor) for _ in dialogues()[1]]
    assert [message for _, message in first] == list(dialogues()[1])
    assert len({conversation for conversation, _ in first}) == 1
    assert next(visitor)[0] != first[0][0]


async def test_the_dialogues_are_understood_and_their_offers_taken(assistant: Assistant):
    names: list[str] = []
    for dialogue in dialogues():
        conversation = assistant.conversation()
        for message in dialogue:
            turn = await conversation.say(message)
            assert not any("not_understood" in name or "did_you_mean" in name for name in turn.names), message
            names += turn.names
    assert {"utter_passed_on", "utter_enquiry_start", "utter_offer_declined", "utter_thanks", "utter_safety"} <= set(names)


@asynccontextmanager
async def replica(handler: Handler) -> AsyncIterator[str]:
    """A server that answers the webhook in a given way."""
    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_who_is_told_that_there_is_no_place_asks_the_other_replica_and_then_waits():
    asked: list[str] = []

    async def busy(request: web.Request) -> web.Response:
        asked.append("busy")
        return web.json_response([], status=503, headers={"Retry-After": "0"})

    async def free_in_the_end(request: web.Request) -> web.Response:
        asked.append("other")
        return web.json_response(ANSWER) if len(asked) > 3 else await busy(request)

    async with replica(busy) as first, replica(free_in_the_end) as second, open_session() as session:
        line = Line(session, [first, second])
        said = await line.say("visitor", "Is it safe?")
    assert asked == ["busy", "other", "busy", "busy", "other"]
    assert (said.outcome, line.refusals) == ("answered", 3)


async def test_errors_of_every_kind_are_failures_and_end_nothing():
    async def broken(request: web.Request) -> web.Response:
        return web.Response(status=500)

    async def no_json(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async with replica(broken) as first, replica(no_json) as second, open_session() as session:
        line = Line(session, [first, second, "http://127.0.0.1:1"])
        outcomes = [(await line.say("visitor", "Is it safe?")).outcome for _ in range(3)]
    assert outcomes == ["failed"] * 3


async def test_a_cell_has_as_many_turns_under_way_as_there_are_visitors():
    under_way, most = 0, 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way, most = under_way + 1, max(most, under_way + 1)
        await asyncio.sleep(0.05)
        under_way -= 1
        return web.json_response(ANSWER)

    async with replica(slow) as address, open_session() as session:
        found = await measure_cell(Line(session, [address]), [Running(address, (), 0.0)], visitors=5, seconds=0.5)
    assert most == 5
    assert found.failed == found.silent == 0
    assert found.p50 is not None
    assert found.p50 >= 50
    assert 0 < found.turns_per_second <= 100


def test_a_system_is_held_to_its_aims_beside_stock():
    stock = Setup("stock Rasa", "PostgreSQL", 1, [cell(1, 10.0), cell(16, 9.0)])
    slow = Setup(OWN, "PostgreSQL", 1, [cell(1, 40.0), cell(16, 49.0, p95=100.1)])
    assert [aim.reached for aim in aims(measured(OWN_SETUP, stock))] == [True, True]
    assert [aim.reached for aim in aims(measured(slow, stock))] == [False, False]
    assert "6.0 times (60 beside 10)" in "\n".join(load_page(measured(OWN_SETUP, stock)))
    assert "6.7 x" in "\n".join(load_table([OWN_SETUP, stock]))


def test_those_who_read_are_held_to_the_same_time_beside_those_who_do_not():
    own = OWN_SETUP._replace(cells=[cell(16, 60.0, p95=400.0)], readers=cell(16, 3.0, p95=60.0))
    found = {aim.text: aim.reached for aim in aims(measured(own))}
    assert found == {
        "p95 ≤ 100 ms at 16 visitors who write again at once, assistant, PostgreSQL": False,
        "p95 ≤ 100 ms at 16 visitors who read for 5 s, assistant, PostgreSQL": True,
    }
    assert "16, reading" in "\n".join(load_table([own]))


async def test_who_reads_writes_again_only_after_that():
    said: list[float] = []
    loop = asyncio.get_running_loop()

    async def say(conversation: str, message: str) -> Said:
        said.append(loop.time())
        return Said(0.0, 0.0, "answered")

    await crowd(say, 2, lambda: len(said) >= 4, reading=0.2)
    first, second, *later = said
    assert second - first > 0.09, "they do not all begin at once"
    assert [now - before > 0.19 for before, now in zip(said, later)] == [True] * len(later)


def test_stock_on_another_database_is_not_compared():
    other = Setup("stock Rasa", "SQLite", 1, [cell(1, 10.0)])
    assert not any("stock" in aim.text for aim in aims(measured(OWN_SETUP, other)))


@pytest.mark.parametrize(
    ("rate", "servers", "processors", "reached"),
    [(102.0, 1.0, 8, True), (90.0, 1.0, 8, False), (90.0, 1.3, 2, None), (90.0, 0.9, 2, False), (102.0, 1.3, 2, True)],
)
def test_two_replicas_are_judged_only_where_the_processors_allow_it(
    rate: float, servers: float, processors: int, reached: bool | None
):
    one = Setup(OWN, "PostgreSQL", 1, [cell(16, 60.0, servers=servers)])
    two = Setup(OWN, "PostgreSQL", 2, [cell(16, rate)])
    found = aims(measured(one, two, processors=processors))[-1]
    assert found.reached is reached
    assert ("do not allow" in found.measured) == (reached is None)


def test_replicas_with_a_share_each_are_held_to_the_aim_of_replicas_alone():
    one = Setup(OWN, "PostgreSQL", 1, [cell(16, 10.0, p95=900.0, servers=0.5)], share=0.5)
    two = one._replace(replicas=2, cells=[cell(16, 19.0, p95=800.0)])
    stock = Setup("stock Rasa", "PostgreSQL", 1, [cell(16, 9.0)])
    found = measured(one, two, stock)
    text = "two replicas ≥ 1.7 times one, PostgreSQL, 0.5 processors each, each at its best"
    assert [(aim.text, aim.measured, aim.reached) for aim in aims(found)] == [(text, "1.90 times", True)]
    assert "2.1 x" not in "\n".join(load_table(found.setups)), "stock has whole processors"


def test_the_page_says_when_no_quota_could_be_set():
    words = "may not set quotas"
    assert words in "\n".join(load_page(measured(OWN_SETUP)))
    assert words not in "\n".join(load_page(measured(OWN_SETUP, OWN_SETUP._replace(share=0.5))))


def test_the_page_says_where_it_was_measured_and_the_picture_is_drawn(tmp_path: Path):
    failed = Setup(OWN, "SQLite", 1, [cell(1, 0.0, p95=None), cell(16, 20.0)])
    page = "\n".join(load_page(measured(OWN_SETUP, failed)))
    assert "2 processors" in page
    assert "Rasa 3.6.21" in page
    assert "share these processors" in page
    draw_load(tmp_path / "load.png", [OWN_SETUP, failed])
    assert (tmp_path / "load.png").read_bytes().startswith(b"\x89PNG")


def test_connections_to_a_database_are_counted_without_the_one_that_asks():
    with postgresql_server() as server:
        mine = observer(new_database(server, "counted"))
        assert sessions(mine) == 0
        with mine.connect(), observer(server).connect():
            assert sessions(mine) == 1
        assert version(mine)[0].isdigit()


@pytest.mark.parametrize(
    "arguments",
    [
        ["bench-load", "--seconds", "0"],
        ["bench-load", "--seconds", "1.5"],
        ["bench-load", "--visitors", "0"],
        ["bench-load", "--visitors"],
        ["bench-load", "--visitors", "5000"],
        ["bench-load", "--quick", "--seconds", "2"],
        ["soak", "--turns", "4999"],
        ["soak", "--turns", "-20000"],
        ["soak", "--turns", "many"],
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[1] in capsys.readouterr().err


def test_a_small_load_is_measured_and_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run_bench_load(LoadPlan(visitors=[2], seconds=1, stock=False), tmp_path) == 0
    setups = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))["setups"]
    limited = [("PostgreSQL", 1, 0.5), ("PostgreSQL", 2, 0.5)] if quotas() else []
    assert [(setup["database"], setup["replicas"], setup["share"]) for setup in setups] == [
        ("SQLite", 1, None),
        ("PostgreSQL", 1, None),
        ("PostgreSQL", 2, None),
        *limited,
    ]
    for setup in setups:
        (found,) = setup["cells"]
        assert found["turns_per_second"] > 0
        assert found["failed"] == found["silent"] == 0
        assert found["server_cores"] > found["client_cores"] > 0
    assert "assistant, PostgreSQL, 2 replicas" in capsys.readouterr().out
    assert "two replicas ≥ 1.7 times one" in (tmp_path / "load.md").read_text(encoding="utf-8")
    assert (tmp_path / "load.png").is_file()
