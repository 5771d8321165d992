"""The page on watching, the alerts and the program name the same metrics and events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, List, Set

import pytest
import yaml
from databases import empty_database
from prometheus_client import Metric

from bot.handoff.states import STATES
from bot.server.metrics import ERROR_EVENTS, OUTCOMES, REGISTRY, RESULTS
from bot.server.metrics_records import RecordsCollector
from bot.settings import ROOT
from bot.storage.database import migrate

PAGE = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
LOGGED = re.compile(r"""\blog\.(info|warning|error)\(\s*"([a-z_.]+)\"""")
NAME = re.compile(r"\b(?:assistant|process)_[a-z_]+\b")
SERIES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
"""What the names of a metric's time series end in."""


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> List[Metric]:
    """All metrics, also those that have no value yet."""
    with empty_database("sqlite", tmp_path_factory.mktemp("records")) as engine:
        migrate(engine)
        return [*REGISTRY.collect(), *RecordsCollector(engine).collect()]


def events_logged(*levels: str) -> Set[str]:
    paths = [path for room in ("bot", "actions") for path in (ROOT / room).rglob("*.py") if "evaluation" not in path.parts]
    found = [each for path in paths for each in LOGGED.findall(path.read_text(encoding="utf-8"))]
    return {event for level, event in found if level in levels} | {"library.failed"}


def rules() -> Iterator[Any]:
    for group in ALERTS["groups"]:
        yield from group["rules"]


def column(heading: str) -> Set[str]:
    """What stands in backticks in the first column of the table under a heading."""
    table = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("|")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_metric_of_an_alert_exists(families: List[Metric]) -> None:
    series = {family.name + ending for family in families for ending in SERIES[family.type]}
    for rule in rules():
        named = set(NAME.findall(rule["expr"]))
        assert named or rule["expr"].startswith("up{"), rule["alert"]
        assert named <= series, rule["alert"]


def test_every_outcome_state_and_event_of_an_alert_exists() -> None:
    known = {
        "outcome": {*OUTCOMES, *RESULTS},
        "state": set(STATES),
        "event": set(ERROR_EVENTS),
        "urgency": {"urgent_.*"},
        "job": {"assistant", "worker"},
    }
    for rule in rules():
        for label, value in re.findall(r'(\w+)=~?"([^"]+)"', rule["expr"]):
            assert set(value.split("|")) <= known[label], rule["alert"]


def test_the_page_lists_every_metric_and_no_other(families: List[Metric]) -> None:
    endings = {"counter": "_total", "info": "_info"}
    own = {family.name + endings.get(family.type, "") for family in families if family.name.startswith("assistant_")}
    assert column("Metrics") == own


def test_the_page_says_what_to_do_at_every_alert() -> None:
    assert column("Alerts") == {rule["alert"] for rule in rules()}
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert f"| `{rule['alert']}` | {rule['labels']['severity']} |" in PAGE


def test_the_page_lists_every_event_that_is_logged_and_no_other() -> None:
    assert {name for name in column("The log") if "." in name} == events_logged("info", "warning", "error")


def test_every_error_that_is_logged_has_a_row_of_its_own_from_the_start() -> None:
    assert events_logged("error") == ERROR_EVENTS
    assert all(REGISTRY.get_sample_value("assistant_errors_total", {"event": event}) is not None for event in ERROR_EVENTS)
