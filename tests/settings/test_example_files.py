"""The files that people copy name every setting, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT, Settings

EXAMPLE = ROOT / ".env.example"
COMPOSE = ROOT / "docker-compose.yml"
NAMES = {name.upper() for name in Settings.__fields__}
LINE = re.compile(r"([A-Z_]+)=(.*)")


def shown() -> dict[str, str]:
    return dict(found.groups() for found in map(LINE.fullmatch, EXAMPLE.read_text(encoding="utf-8").splitlines()) if found)


def test_the_example_has_every_setting_and_no_other() -> None:
    assert set(shown()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_the_example_shows_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in NAMES:
        monkeypatch.delenv(each, raising=False)
    default = Settings(_env_file=None).dict()
    read = Settings(_env_file=EXAMPLE).dict()
    assert _resolved(read[name.lower()]) == _resolved(default[name.lower()])


def _resolved(value: Any) -> Any:
    return (ROOT / value).resolve() if isinstance(value, Path) else value


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def test_compose_names_settings_only_and_runs_one_worker(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"assistant", "worker"}
    for service in services.values():
        assert set(service["environment"]) <= NAMES
        assert service["environment"]["WORKER_IN_SERVER"] == "false"
    assert services["worker"]["command"][-1] == "worker"
    assert "ports" not in services["worker"]
    assert services["assistant"]["ports"] == ["127.0.0.1:5005:5005"]


def test_in_compose_nothing_runs_with_rights_or_without_keys(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        for key in ("SECRET_KEY", "ENCRYPTION_KEYS"):
            assert service["environment"][key].startswith(f"${{{key}:?")
