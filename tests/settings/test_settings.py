"""Settings: a wrong value stops the start with a message that names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, SettingsError, settings

WRONG = [
    ("ENVIRONMENT", "staging"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "five"),
    ("METRICS_PORT", "0"),
    ("LOG_LEVEL", "LOUD"),
    ("SECRET_KEY", "too short"),
    ("DATABASE_URL", "mysql://somewhere"),
    ("DATABASE_URL", "not an address"),
    ("MESSAGE_MAX_CHARACTERS", "99"),
    ("MESSAGE_MAX_CHARACTERS", "2001"),
    ("REQUEST_MAX_BYTES", "1"),
    ("ACTION_TIMEOUT_SECONDS", "0"),
    ("TURN_TIMEOUT_SECONDS", "-1"),
    ("RATE_BURST", "0"),
    ("RATE_PER_SECOND", "often"),
    ("WAITING_PER_CONVERSATION", "0"),
    ("CONVERSATIONS_KEPT", "none"),
    ("TELEGRAM_TOKEN", "the token"),
    ("TELEGRAM_WEBHOOK_SECRET", "too short"),
    ("TWILIO_ACCOUNT_SID", "SK00000000000000000000000000000000"),
    ("TWILIO_SMS_FROM", "(780) 555-0100"),
    ("TWILIO_WHATSAPP_FROM", "whatsapp:+17805550100"),
    ("MESSENGER_PAGE_TOKEN", "the token of the page"),
    ("MESSENGER_APP_SECRET", "1234567890"),
    ("MESSENGER_VERIFY_TOKEN", "too short"),
    ("SLACK_BOT_TOKEN", "xoxp-1234567890-1234567890"),
    ("SLACK_SIGNING_SECRET", "too short"),
    ("REST_TOKEN", "too short"),
    ("MESSAGING_ATTEMPTS", "0"),
    ("HANDED_OVER_HOURS", "0.5"),
]


@pytest.fixture(autouse=True)
def read_afresh() -> Iterator[None]:
    """The settings are read once a process; here once a test."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(("variable", "value"), WRONG, ids=[f"{variable}={value}" for variable, value in WRONG])
def test_a_wrong_value_names_its_variable(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as error:
        settings()
    assert f"environment: {variable}: " in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("RATE_BURST", "x")
    with pytest.raises(SettingsError) as error:
        settings()
    assert "PORT" in str(error.value)
    assert "RATE_BURST" in str(error.value)


def test_a_password_in_a_wrong_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://clinic:hunter2@db/assistant")
    with pytest.raises(SettingsError) as error:
        settings()
    assert "hunter2" not in str(error.value)


def test_the_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=5006\nRATE_BURST=7\n", encoding="utf-8")
    monkeypatch.setenv("RATE_BURST", "9")
    monkeypatch.delenv("PORT", raising=False)
    read = Settings(_env_file=tmp_path / ".env")
    assert (read.port, read.rate_burst) == (5006, 9)


def test_empty_optional_values_count_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("SECRET_KEY", " ")
    assert settings().secret_key is None
    assert settings().database.startswith("sqlite:///")


def test_the_database_is_a_file_in_the_data_folder_unless_an_address_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    assert settings().database == f"sqlite:///{tmp_path}/assistant.db"
    assert Settings(database_url="postgresql://db/assistant").database == "postgresql://db/assistant"


def test_only_this_machine_is_listened_to_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOST", raising=False)
    assert Settings(_env_file=None).host == "127.0.0.1"


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(TypeError, match="immutable"):
        settings().port = 80


def test_the_clinic_file_is_the_projects_own_by_default() -> None:
    assert Settings(_env_file=None).clinic_file == ROOT / "clinic.yml"
