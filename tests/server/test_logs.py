"""The log: one JSON object a line whoever writes it, an id on each, and nothing that a visitor may have written."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List

import pytest
import structlog

from bot.correlation import accepted, correlated, current_id, in_context, tag
from bot.server.logs import configure_logs
from bot.server.metrics import REGISTRY

CANARY = "marmalade canary"


@pytest.fixture(autouse=True)
def log_of_a_server(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    configure_logs("DEBUG")
    yield
    configure_logs("ERROR")


def lines(capsys: pytest.CaptureFixture[str]) -> List[Dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_the_assistant_and_its_libraries_write_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    with correlated("message-0001", "visitor"):
        structlog.get_logger("bot.server.app").info("server.ready", address="here")
        logging.getLogger("rasa.core.agent").warning("Loading %s", "a model")
    own, library = lines(capsys)
    assert (own["event"], own["address"], own["level"]) == ("server.ready", "here", "info")
    assert (library["event"], library["logger"], library["level"]) == ("Loading a model", "rasa.core.agent", "warning")
    for line in (own, library):
        assert (line["correlation_id"], line["conversation"]) == ("message-0001", tag("visitor"))
        assert line["timestamp"].endswith("Z")


def test_of_a_librarys_structured_line_only_the_event_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().warning("event.deserialization.failed", rasa_event={"text": CANARY})
    structlog.get_logger("rasa.core.nlg").error("interpolator.failed", response=CANARY, exc_info=True)
    assert [line["event"] for line in lines(capsys)] == ["event.deserialization.failed", "interpolator.failed"]


def test_an_error_of_a_library_is_one_line_with_kind_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        logging.getLogger("sanic.error").exception("Exception while handling %s: %s", f"/enquiries/{CANARY}", error)
        logging.getLogger("sanic.error").error(error, exc_info=True, stack_info=True)
    written = capsys.readouterr().err
    assert CANARY not in written
    for line in map(json.loads, written.splitlines()):
        assert (line["event"], line["logger"], line["error"]) == ("library.failed", "sanic.error", "ValueError")
        assert "test_logs.py:" in line["where"]


def test_a_warning_of_python_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("an old setting", UserWarning, stacklevel=1)
    (line,) = lines(capsys)
    assert (line["logger"], line["level"]) == ("py.warnings", "warning")
    assert "an old setting" in line["event"]


@pytest.mark.parametrize(
    "name", ["rasa.core.processor", "rasa.core.actions.action", "rasa.core.lock_store", "asyncio", "sanic.access"]
)
def test_what_may_hold_a_conversation_is_not_written_even_when_everything_is(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger(name).error(CANARY)
    assert capsys.readouterr().err == ""


def counted(event: str, kind: str) -> tuple[float, float]:
    rows = [("assistant_errors_total", {"event": event}), ("assistant_error_types_total", {"type": kind})]
    events, types = (REGISTRY.get_sample_value(name, labels) or 0.0 for name, labels in rows)
    return events, types


@pytest.mark.parametrize(
    ("event", "error", "counted_as"),
    [
        ("turn.failed", "OperationalError", ("turn.failed", "OperationalError")),
        ("delivery.gave_up", "http 503", ("delivery.gave_up", "http")),
        ("delivery.gave_up", "smtp refused 550", ("delivery.gave_up", "smtp refused")),
        ("turn.silent", "", ("turn.silent", "other")),
        (f"{CANARY}.failed", "780-555-0119", ("other", "other")),
    ],
)
def test_every_error_that_is_logged_is_counted_without_what_came_from_outside(
    event: str, error: str, counted_as: tuple[str, str]
) -> None:
    events, types = counted(*counted_as)
    structlog.get_logger("bot.channels.conversation").error(event, error=error)
    structlog.get_logger("bot.channels.conversation").info(event, error=error)
    assert counted(*counted_as) == (events + 1, types + 1)


def test_the_id_goes_into_threads_and_ends_with_its_work() -> None:
    with ThreadPoolExecutor(1) as threads, correlated() as given:
        assert threads.submit(in_context(current_id)).result() == given
        with correlated() as inner:
            assert current_id() == inner != given
        assert current_id() == given
    assert current_id() is None


def test_the_tag_of_a_conversation_is_the_same_again_and_tells_nothing() -> None:
    assert tag("visitor-1") == tag("visitor-1") != tag("visitor-2")
    assert "visitor" not in tag("visitor-1")
    assert len(tag("x" * 128)) == len(tag("visitor-1")) == 12


@pytest.mark.parametrize("given", ["12345678", "a" * 64, "5f0c3b52-2f2b-4a53-9d5d-0f5b8a3c7e11", "----AZaz09"])
def test_a_callers_id_is_accepted(given: str) -> None:
    assert accepted(given) == given


@pytest.mark.parametrize(
    "given",
    [None, "", "1234567", "a" * 65, "has space", "line\nbreak1", "abcdefgh\n", "under_score", '{"a": "bcd"}', "é" * 8],
)
def test_an_odd_id_is_not(given: str | None) -> None:
    assert accepted(given) is None
