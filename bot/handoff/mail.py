"""Letters as emails: written from templates, sent by SMTP, or kept as files while no server is configured."""

from __future__ import annotations

import os
import smtplib
import ssl
import time
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.handoff.sending import Letter, SendFailed
from bot.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
PERMANENT = 500
STEPS_OF_DATA = 3
"""Waits on the network from the moment on which the message may have been taken."""


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["when"] = _when
    return environment


def write_email(letter: Letter, options: Settings) -> EmailMessage:
    """Returns a letter as text and HTML. Its Message-ID comes from its key, so a repeat can be told.

    Raises:
        SendFailed: an address or a name cannot stand in a header.
    """
    message = EmailMessage(policy=SMTP)
    domain = str(options.mail_from).rpartition("@")[2]
    try:
        message["From"] = Address(_one_line(letter.sender), addr_spec=str(options.mail_from))
        message["To"] = Address(_one_line(letter.receiver), addr_spec=_address(letter.address))
        if letter.reply_to:
            message["Reply-To"] = Address(addr_spec=_address(letter.reply_to))
        message["Subject"] = _one_line(letter.subject)
    except ValueError as error:
        raise SendFailed("address", permanent=True) from error
    message["Date"] = format_datetime(letter.written_at.replace(tzinfo=timezone.utc))
    message["Message-ID"] = f"<{letter.key}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    text, html = (_templates().get_template(f"{letter.kind}.{form}") for form in ("txt", "html"))
    message.set_content(text.render(letter.content), cte="quoted-printable")
    message.add_alternative(html.render(letter.content), subtype="html", cte="quoted-printable")
    return message


def send_email(letter: Letter, options: Settings) -> None:
    """Sends a letter by SMTP, or writes it into the mail folder while SMTP_HOST is not set.

    Raises:
        SendFailed: it did not go out, or nobody knows.
    """
    message = write_email(letter, options)
    if options.smtp_host is None:
        _keep(message, letter.key, options.mail)
        return
    try:
        _by_smtp(message, options, options.smtp_host)
    except (smtplib.SMTPException, OSError) as error:
        raise _failure(error) from error


def _keep(message: EmailMessage, key: str, folder: Path) -> None:
    """Writes a file that is whole or not there; a repeat has the same name."""
    unfinished = folder / f".{key}.unfinished"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bytes(message))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / f"{key}.eml")
    except OSError as error:
        raise SendFailed(f"mail folder: {type(error).__name__}") from error


def _by_smtp(message: EmailMessage, options: Settings, host: str) -> None:
    """Talks to the server in such a time that the message is taken, if at all, while this worker's lease holds."""
    patience = min(options.delivery_timeout_seconds, options.delivery_lease_seconds / (2 * STEPS_OF_DATA))
    too_late = time.monotonic() + options.delivery_lease_seconds / 2
    server = _connect(options, host, patience)
    try:
        server.ehlo_or_helo_if_needed()
        if options.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if options.smtp_user:
            server.login(options.smtp_user, options.smtp_password or "")
        if time.monotonic() > too_late:
            raise SendFailed("slow server")
        server.send_message(message)
    finally:
        _leave(server)


def _connect(options: Settings, host: str, patience: float) -> smtplib.SMTP:
    domain = str(options.mail_from).rpartition("@")[2]
    if options.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, options.smtp_port, domain, timeout=patience, context=context)
    return smtplib.SMTP(host, options.smtp_port, domain, timeout=patience)


def _leave(server: smtplib.SMTP) -> None:
    """Says goodbye; whatever comes back, the message was taken or not before."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _failure(error: Exception) -> SendFailed:
    """Returns what a failure means. A server that refuses the clinic itself is no fault of the message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answered("recipient", min(code for code, _ in error.recipients.values()))
    if isinstance(error, (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError)):
        return SendFailed(f"smtp refused {error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered("smtp", error.smtp_code)
    return SendFailed(type(error).__name__)


def _answered(who: str, code: int) -> SendFailed:
    return SendFailed(f"{who} {code}", permanent=code >= PERMANENT)


def _address(address: str) -> str:
    try:
        ascii_only = validate_email(address, check_deliverability=False).ascii_email
    except EmailNotValidError as error:
        raise ValueError("not an address") from error
    if not ascii_only:
        raise ValueError("an address that not every server takes")
    return ascii_only


def _when(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
