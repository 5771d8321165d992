"""Every setting, typed and read once: the environment (or `.env`) for the machine, `clinic.yml` for the clinic.

A wrong or missing value stops the start with a message that names it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional

import yaml
from pydantic import BaseModel, BaseSettings, EmailStr, Extra, Field, HttpUrl, ValidationError, validator
from pydantic.fields import ModelField

from bot.errors import AssistantError

ROOT = Path(__file__).resolve().parent.parent
ORIGIN = r"https?://[a-z0-9.-]+(?::\d{1,5})?"
PHONE = r"^[0-9+()\-. x]{3,30}$"
SECRETS = ("database_url", "secret_key", "encryption_keys", "smtp_password")
CHANNEL_SECRETS = (
    "telegram_token",
    "telegram_webhook_secret",
    "twilio_auth_token",
    "messenger_page_token",
    "messenger_app_secret",
    "messenger_verify_token",
    "slack_bot_token",
    "slack_signing_secret",
    "rest_token",
)
"""Settings that may stand in a file instead, which `<NAME>_FILE` names: what starts containers hands secrets over so.
Those of messaging apps are needed where the app is on."""


class SettingsError(AssistantError):
    """A setting is wrong; the message says which, and what was expected."""


def _empty_is_missing(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip() in ("", "~", "null") else value


def _between_commas(value: Optional[str]) -> List[str]:
    return [part for part in map(str.strip, (value or "").split(",")) if part]


def _read_secret(path: Path, variable: str) -> str:
    """Returns what a file holds, without the line end behind it; the errors repeat nothing of it."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"the file that {variable} names cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"the file that {variable} names is not UTF-8 text") from None
    if not secret:
        raise ValueError(f"the file that {variable} names is empty")
    return secret


class Clinic(BaseModel):
    """What only the clinic knows. Empty text in `clinic.yml` means that nobody has filled it in."""

    name: str = Field(..., min_length=2)
    town: str = Field(..., min_length=2)
    phone: Optional[str] = Field(None, regex=PHONE)
    email: Optional[EmailStr] = None
    address: Optional[str] = None
    hours: Optional[str] = None
    call_back: Optional[str] = None
    """When somebody looks at requests for a call back, e.g. "by the end of the next working day"."""
    booking_link: Optional[HttpUrl] = None
    article_link: Optional[HttpUrl] = None
    emergency_number: str = Field("911", regex=PHONE)
    health_line_name: str = "Health Link"
    health_line_number: str = Field("811", regex=PHONE)
    crisis_number: str = Field("988", regex=PHONE)

    class Config:
        """Unknown fields are mistakes."""

        extra = Extra.forbid
        allow_mutation = False

    _empty = validator("*", pre=True, allow_reuse=True)(_empty_is_missing)

    def facts(self) -> Dict[str, Optional[str]]:
        """Returns the fields as the responses name them: clinic_name, clinic_phone, emergency_number…"""
        shared = ("emergency_number", "health_line_name", "health_line_number", "crisis_number")
        return {
            (name if name in shared else f"clinic_{name}"): None if value is None else str(value)
            for name, value in self.dict().items()
        }


class Settings(BaseSettings):
    """Settings of the machine; each is an environment variable of the same name in capitals."""

    environment: Literal["demo", "production"] = "demo"
    host: str = "127.0.0.1"
    port: int = Field(5005, ge=1, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_host: str = "127.0.0.1"
    metrics_port: Optional[int] = Field(None, ge=1, le=65535)
    """Where Prometheus reads what docs/watching.md lists; nowhere by default. Each process needs a port of its own."""
    clinic_file: Path = ROOT / "clinic.yml"
    data_folder: Path = ROOT / "var"
    database_url_file: Optional[Path] = None
    secret_key_file: Optional[Path] = None
    encryption_keys_file: Optional[Path] = None
    smtp_password_file: Optional[Path] = None
    telegram_token_file: Optional[Path] = None
    telegram_webhook_secret_file: Optional[Path] = None
    twilio_auth_token_file: Optional[Path] = None
    messenger_page_token_file: Optional[Path] = None
    messenger_app_secret_file: Optional[Path] = None
    messenger_verify_token_file: Optional[Path] = None
    slack_bot_token_file: Optional[Path] = None
    slack_signing_secret_file: Optional[Path] = None
    rest_token_file: Optional[Path] = None
    database_url: Optional[str] = Field(None, regex=r"^(sqlite|postgresql)(\+\w+)?://")
    migrate_at_start: bool = True
    """Brings the schema to the newest migration; false where `python -m bot database upgrade` has run before."""
    database_pool_size: int = Field(5, ge=1)
    """Connections to PostgreSQL that a process keeps; `make_engine` says how many there are in all."""
    database_pool_overflow: int = Field(5, ge=0)
    database_pool_timeout_seconds: float = Field(5.0, gt=0)
    database_connect_timeout_seconds: int = Field(5, ge=2)
    database_statement_timeout_seconds: float = Field(5.0, gt=0)
    lock_connections: int = Field(3, ge=1)
    """Turns of a process that may wait at once for another replica to let go of their conversations."""
    lock_wait_seconds: float = Field(5.0, gt=0)
    secret_key: Optional[str] = Field(None, min_length=32)
    encryption_keys: Optional[str] = None
    """Fernet keys for contact details, separated by commas, the newest first."""
    public_url: Optional[HttpUrl] = None
    """Where the outside world reaches the assistant; the link by which a provider acknowledges an enquiry starts with it."""
    staff_email: Optional[EmailStr] = None
    """Where the clinic's staff are told of enquiries that need them; the clinic's own address by default."""
    mail_folder: Optional[Path] = None
    """Where messages are written while there is no SMTP_HOST; `mail` in the data folder by default."""
    mail_from: EmailStr = EmailStr("assistant@example.com")
    smtp_host: Optional[str] = None
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: Optional[str] = None
    smtp_password: Optional[str] = None
    worker_in_server: bool = True
    """The server also delivers; false where `python -m bot worker` runs beside it."""
    delivery_timeout_seconds: float = Field(20.0, gt=0)
    delivery_lease_seconds: float = Field(120.0, gt=0)
    delivery_first_wait_seconds: float = Field(30.0, ge=0)
    delivery_attempts: int = Field(8, ge=1)
    remind_after_hours: float = Field(48.0, gt=0)
    pass_on_after_hours: float = Field(96.0, gt=0)
    enquiries_per_hour: int = Field(3, ge=1)
    code_tries_per_hour: int = Field(5, ge=1)
    consent_days: int = Field(90, ge=1)
    conversation_days: int = Field(30, ge=1)
    enquiry_days: int = Field(90, ge=1)
    message_max_characters: int = Field(1000, ge=100, le=2000)
    request_max_bytes: int = Field(1_000_000, ge=4096)
    action_timeout_seconds: float = Field(5.0, gt=0)
    turn_timeout_seconds: float = Field(20.0, gt=0)
    turns_at_once: int = Field(64, ge=1)
    """Messages of all visitors that may be under way in a process; who comes on top of that is asked to try again."""
    widget_origins: Optional[str] = None
    """Origins of the websites that the widget is on, separated by commas: https://clinic.example.com"""
    widget_hours: float = Field(24.0, gt=0, le=24 * 30)
    """How long a visitor may come back to a conversation in the widget, and how long it is kept."""
    telegram_token: Optional[str] = Field(None, regex=r"^[0-9]+:[A-Za-z0-9_-]{20,}$")
    """Of the bot, as BotFather gives it; with the next one it switches Telegram on: docs/channels/telegram.md."""
    telegram_webhook_secret: Optional[str] = Field(None, regex=r"^[A-Za-z0-9_-]{32,256}$")
    telegram_api_url: HttpUrl = "https://api.telegram.org"
    """Telegram's own, or that of a Bot API server which the clinic runs."""
    twilio_account_sid: Optional[str] = Field(None, regex=r"^AC[0-9a-f]{32}$")
    twilio_auth_token: Optional[str] = Field(None, min_length=32)
    twilio_sms_from: Optional[str] = Field(None, regex=r"^(\+[0-9]{3,15}|[0-9]{3,8}|MG[0-9a-f]{32})$")
    """With the two above it switches SMS on: docs/channels/twilio.md."""
    twilio_whatsapp_from: Optional[str] = Field(None, regex=r"^(\+[0-9]{3,15}|MG[0-9a-f]{32})$")
    """With the two above it switches WhatsApp on."""
    twilio_api_url: HttpUrl = "https://api.twilio.com"
    """Twilio's, or that of one of its regions."""
    messenger_page_token: Optional[str] = Field(None, regex=r"^[A-Za-z0-9_|-]{32,}$")
    """Of the clinic's page; with the next two it switches Facebook Messenger on: docs/channels/messenger.md."""
    messenger_app_secret: Optional[str] = Field(None, regex=r"^[0-9a-f]{32}$")
    messenger_verify_token: Optional[str] = Field(None, regex=r"^[A-Za-z0-9_-]{32,256}$")
    messenger_api_url: HttpUrl = "https://graph.facebook.com/v24.0"
    """Meta's, with the version of its API; each is there for about two years."""
    slack_bot_token: Optional[str] = Field(None, regex=r"^xoxb-[A-Za-z0-9-]{20,}$")
    """Of the app's bot; with the next one it switches Slack on: docs/channels/slack.md."""
    slack_signing_secret: Optional[str] = Field(None, regex=r"^[0-9a-f]{32}$")
    slack_api_url: HttpUrl = "https://slack.com/api"
    rest_token: Optional[str] = Field(None, regex=r"^[\x21-\x7e]{32,256}$")
    """Switches on REST for other systems, which have to bring it: docs/channels/rest.md."""
    messaging_attempts: int = Field(6, ge=1, le=10)
    """How often a message is tried at a messaging service before it is given up."""
    messaging_first_wait_seconds: float = Field(1.0, ge=0)
    messaging_timeout_seconds: float = Field(10.0, gt=0)
    handed_over_hours: float = Field(24.0, ge=1, le=24 * 30)
    """How long after the last message staff have a conversation on a messaging app; then the assistant answers again."""
    rate_burst: int = Field(1000, ge=1)
    rate_per_second: float = Field(20.0, gt=0)
    waiting_per_conversation: int = Field(8, ge=1)
    conversations_kept: int = Field(10_000, ge=1)
    samples_folder: Path = ROOT.parent / "shared" / "data"
    public_sets_folder: Optional[Path] = None
    update_pictures: bool = False
    stock_epochs: int = Field(100, ge=1, le=100)

    _empty = validator("*", pre=True, allow_reuse=True)(_empty_is_missing)

    class Config:
        """Read from the process and from `.env`."""

        env_file = ROOT / ".env"
        extra = Extra.forbid
        allow_mutation = False

    @validator(*SECRETS, *CHANNEL_SECRETS, pre=True, always=True)
    def _or_from_its_file(cls, value: Any, values: Dict[str, Any], field: ModelField) -> Any:
        path = values.get(f"{field.name}_file")
        if path is None:
            return value
        if _empty_is_missing(value) is not None:
            raise ValueError(f"{field.name.upper()}_FILE is set as well; set one of the two")
        return _read_secret(path, f"{field.name.upper()}_FILE")

    @validator("widget_origins")
    def _origins_are_origins(cls, value: Optional[str]) -> Optional[str]:
        if all(re.fullmatch(ORIGIN, origin) for origin in _between_commas(value)):
            return value
        raise ValueError("should hold origins such as https://clinic.example.com, separated by commas")

    @property
    def origins(self) -> List[str]:
        """The origins whose pages may talk to the assistant, besides the server's own."""
        return _between_commas(self.widget_origins)

    @property
    def database(self) -> str:
        """The database's address: what DATABASE_URL says, or an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_folder / 'assistant.db'}"

    @property
    def mail(self) -> Path:
        """The folder that messages are written to while there is no SMTP server."""
        return self.mail_folder or self.data_folder / "mail"


def _explain(error: ValidationError, where: str, upper: bool) -> SettingsError:
    lines = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        lines.append(f"{where}: {name.upper() if upper else name}: {item['msg']}")
    return SettingsError("\n".join(lines))


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Returns the settings of this process.

    Raises:
        SettingsError: an environment variable has a wrong value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _explain(error, "environment", upper=True) from error


def read_clinic(path: Path) -> Clinic:
    """Reads the clinic's facts.

    Raises:
        SettingsError: the file is missing, is not YAML, or a field is unknown or wrong.
    """
    try:
        written = path.read_text(encoding="utf-8")
        # All values are text: YAML itself would read 8:30 as 510 and 0755 as 493.
        content = yaml.load(written, Loader=yaml.BaseLoader)  # nosec B506 # it makes texts only
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: should hold one 'name: value' a line")
    try:
        return Clinic(**content)
    except ValidationError as error:
        raise _explain(error, str(path), upper=False) from error


@lru_cache(maxsize=1)
def clinic() -> Clinic:
    """Returns the clinic of this process.

    Raises:
        SettingsError: see `read_clinic`.
    """
    return read_clinic(settings().clinic_file)
