from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from databases import KINDS, empty_database
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import func, select, text

from bot.evaluation.bench_report import Measured, Row, Speed, bench_page, compare, speed_table
from bot.evaluation.enquiry_speed import WRITERS, EnquirySpeed, written_per_second
from bot.evaluation.latency import Growth, load_of, percentile
from bot.evaluation.processes import Running, ServerFailed, free_port, server_process
from bot.evaluation.servers import environment, write_stock_files
from bot.evaluation.stock import StockModel, key, stock_config
from bot.evaluation.visitors import CYCLE, EARLY, LATE, Plan, bench_messages, grow, visit
from bot.storage.database import make_engine, transaction
from bot.storage.models import Enquiry

LOADS = [load_of(1, [0.010] * 10, 0.1, 0), load_of(16, [0.050] * 10, 0.05, 1)]
ENQUIRIES = EnquirySpeed({"SQLite, 1 at once": 114.5}, LOADS[0])
SPEED = Speed(LOADS, LOADS, Growth(5, 10.0, 120, 12.0), 700.0, 720.0, 6.0, 40.0)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (0.99, 20), (1.0, 20), (0.01, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: int):
    assert percentile(list(range(20, 0, -1)), share) == expected


def test_one_value_is_every_percentile():
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_or_out_of_range_is_refused(values: list[float], share: float):
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


def test_a_load_is_in_milliseconds_and_messages_a_second():
    load = load_of(1, [0.010, 0.020], 0.5, 1)
    assert (load.p50, load.p99, load.messages_per_second, load.unanswered) == (10.0, 20.0, 4.0, 1)


def test_there_are_forty_messages_of_mixed_length():
    messages = bench_messages()
    assert len(messages) == len(set(messages)) == 40
    assert min(map(len, messages)) < 10
    assert max(map(len, messages)) > 100


async def test_every_visitor_writes_everything_in_conversations_of_ten():
    said: dict[str, int] = {}

    async def say(conversation: str, message: str) -> int:
        said[conversation] = said.get(conversation, 0) + 1
        return 0 if message == "ok" else 1

    load = await visit(say, Plan(visitors=3, each=25))
    assert load.messages == 75
    assert sorted(said.values()) == [5, 5, 5, 10, 10, 10, 10, 10, 10]
    assert load.unanswered > 0


async def test_early_and_late_turns_get_the_same_messages():
    said: list[str] = []

    async def say(conversation: str, message: str) -> int:
        said.append(message)
        sum(range(200_000 if len(said) > LATE - 3 else 0))
        return 1

    growth = await grow(say, conversations=1)
    assert said[EARLY - 3 : EARLY + 2] == said[LATE - 3 : LATE + 2]
    assert (LATE - EARLY) % CYCLE == 0
    assert growth.late > growth.early


def test_more_messages_and_less_time_are_both_better():
    assert compare(Row("", 40.0, "/s", more_is_better=True), Row("", 20.0, "/s", more_is_better=True)).startswith(
        "2.0 times better"
    )
    assert compare(Row("", 10.0, "ms"), Row("", 40.0, "ms")) == "4.0 times better (25 % of stock)"
    assert compare(Row("", 20.0, "ms"), Row("", 10.0, "ms")) == "2.0 times worse (200 % of stock)"


def test_the_table_compares_only_when_there_are_two():
    alone = speed_table({"assistant": SPEED})
    beside = speed_table({"assistant": SPEED, "stock Rasa": SPEED})
    assert "beside stock" not in alone[0]
    assert "1.0 times better (100 % of stock)" in beside[2]
    assert "over REST, 16 visitors: p99" in "\n".join(alone)


def test_the_page_says_when_the_stock_model_was_trained():
    page = "\n".join(bench_page(Measured({"assistant": SPEED}, 2, "2024-01-01 10:00 UTC", 0.1, ENQUIRIES)))
    assert "2024-01-01 10:00 UTC" in page
    assert "2 processors" in page
    assert "Load average before the run: 0.1" in page


def test_the_page_has_what_enquiries_cost():
    page = "\n".join(bench_page(Measured({"assistant": SPEED}, 2, None, 0.1, ENQUIRIES)))
    assert "enquiries written, SQLite, 1 at once" in page
    assert "114.5 /s" in page
    assert "a turn of the form over REST: p95" in page


def test_enquiries_are_really_written_to_both_databases(tmp_path: Path):
    measured = written_per_second(tmp_path, each=8)
    assert set(measured) == {f"{name}, {writers} at once" for name in ("SQLite", "PostgreSQL") for writers in WRITERS}
    assert all(value > 0 for value in measured.values())
    engine = make_engine(f"sqlite:///{tmp_path / 'enquiries.db'}")
    with transaction(engine) as session:
        assert session.execute(select(func.count(Enquiry.id))).scalar_one() == 8 * len(WRITERS)
    engine.dispose()


def test_a_server_is_started_measured_and_stopped(tmp_path: Path):
    port = free_port()
    arguments = ["-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    address = f"http://127.0.0.1:{port}/"
    with server_process(arguments, dict(os.environ), address, tmp_path / "log") as (process, seconds):
        assert Running(address, (process,), seconds).megabytes() > 1
        assert 0 < seconds < 60
    assert not process.is_running()


def test_a_server_that_ends_early_is_reported_with_its_last_lines(tmp_path: Path):
    arguments = ["-c", "raise SystemExit('the port is taken')"]
    with (
        pytest.raises(ServerFailed, match="the port is taken"),
        server_process(arguments, dict(os.environ), f"http://127.0.0.1:{free_port()}/", tmp_path / "log"),
    ):
        pass


def test_what_is_measured_writes_to_a_folder_of_its_own(tmp_path: Path):
    settings = environment(tmp_path)
    assert settings["DATA_FOLDER"].startswith(str(tmp_path))
    assert str(tmp_path) in settings["DATABASE_URL"]


def test_stock_gets_the_same_words_and_its_action_server(tmp_path: Path):
    endpoints, credentials = write_stock_files(tmp_path, "http://127.0.0.1:1/webhook")
    assert "http://127.0.0.1:1/webhook" in endpoints.read_text(encoding="utf-8")
    assert "ClinicResponses" in endpoints.read_text(encoding="utf-8")
    assert credentials.read_text(encoding="utf-8") == "rest:\n"


@pytest.mark.parametrize("kind", KINDS)
async def test_stock_keeps_its_conversations_in_the_database_that_is_named(tmp_path: Path, kind: str):
    with empty_database(kind, tmp_path) as database:
        address = database.url.render_as_string(hide_password=False)
        endpoints, _ = write_stock_files(tmp_path, "http://127.0.0.1:1/webhook", address)
        named = AvailableEndpoints.read_endpoints(str(endpoints)).tracker_store
        store = TrackerStore.create(named, Domain.empty())
        assert isinstance(store, SQLTrackerStore)
        await store.save(DialogueStateTracker.from_events("visitor", [UserUttered("Is it safe?")]))
        store.engine.dispose()
        with database.connect() as connection:
            assert connection.execute(text("SELECT sender_id FROM events")).scalars().all() == ["visitor"]


def test_fewer_epochs_are_another_model_and_are_said_in_its_name():
    assert yaml.safe_load(stock_config(3))["pipeline"][5] == {
        "name": "DIETClassifier",
        "epochs": 3,
        "constrain_similarities": True,
    }
    assert key(3) != key(100)
    assert StockModel(Path("stock.tar.gz"), 1.0, "", 3).name == "stock Rasa, 3 of 100 epochs"
    assert StockModel(Path("stock.tar.gz"), 1.0, "", 100).name == "stock Rasa"
