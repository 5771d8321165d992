"""A secret may stand in a file; what is wrong with it is said without repeating anything of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import CHANNEL_SECRETS, SECRETS, Settings, SettingsError, settings

EVERY = (*SECRETS, *CHANNEL_SECRETS)
VALUES = {
    "database_url": "postgresql://clinic:hunter2@db/assistant",
    "secret_key": "hunter2" * 5,
    "encryption_keys": "hunter2=,hunter3=",
    "smtp_password": "hunter2",
    "telegram_token": "123456:hunter2-hunter2-hunter2",
    "telegram_webhook_secret": "hunter2" * 5,
    "twilio_auth_token": "hunter2" * 5,
    "messenger_page_token": "hunter2" * 5,
    "messenger_app_secret": "0a1b2c3d" * 4,
    "messenger_verify_token": "hunter2" * 5,
    "slack_bot_token": "xoxb-hunter2-hunter2-hunter2",
    "slack_signing_secret": "0a1b2c3d" * 4,
    "rest_token": "hunter2" * 5,
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EVERY:
        monkeypatch.delenv(name.upper(), raising=False)


def kept(folder: Path, content: bytes) -> str:
    path = folder / "secret"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("name", EVERY)
def test_a_secret_is_read_from_its_file_without_the_line_end(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{name.upper()}_FILE", kept(tmp_path, f"{VALUES[name]}\n".encode()))
    assert getattr(Settings(_env_file=None), name) == VALUES[name]


def test_the_env_file_may_name_it_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SMTP_PASSWORD_FILE={kept(tmp_path, b'hunter2')}\n", encoding="utf-8")
    assert Settings(_env_file=tmp_path / ".env").smtp_password == "hunter2"


def test_an_empty_variable_beside_the_file_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "")
    monkeypatch.setenv("SMTP_PASSWORD_FILE", kept(tmp_path, b"hunter2"))
    assert Settings(_env_file=None).smtp_password == "hunter2"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xffhunter2", "is not UTF-8"),
        (b"hunter2", "at least 32"),
    ],
)
def test_a_file_that_does_not_hold_the_secret_is_named_by_its_variable(
    content: bytes | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "nowhere") if content is None else kept(tmp_path, content)
    monkeypatch.setenv("SECRET_KEY_FILE", path)
    settings.cache_clear()
    try:
        with pytest.raises(SettingsError, match=told) as error:
            settings()
    finally:
        settings.cache_clear()
    assert str(error.value).startswith("environment: SECRET_KEY: ")
    assert len(str(error.value).splitlines()) == 1
    assert "hunter2" not in str(error.value)


def test_a_secret_in_two_places_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    monkeypatch.setenv("SECRET_KEY_FILE", kept(tmp_path, b"y" * 32))
    with pytest.raises(ValidationError, match="SECRET_KEY_FILE is set as well; set one of the two"):
        Settings(_env_file=None)
