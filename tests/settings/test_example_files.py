"""The file that people copy names every setting, and no other; for docker-compose.yml: tests/deployment/test_compose.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT, Settings

EXAMPLE = ROOT / ".env.example"
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
