"""What the tests of deliveries share: a clock that is moved by hand, settings, rows, and a real mail server."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.evaluation.enquiry_samples import AT
from bot.evaluation.processes import free_port
from bot.handoff.letters import House
from bot.settings import Clinic, Settings
from bot.storage.database import transaction


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **how_far: float) -> datetime:
        self.at += timedelta(**how_far)
        return self.at


def sample_house(folder: Path, **changes: Any) -> House:
    """A clinic that writes its messages into a folder, unless told otherwise."""
    settings = {
        "data_folder": folder,
        "mail_from": "assistant@clinic.example.com",
        "staff_email": "staff@clinic.example.com",
        "public_url": "https://clinic.example.com/assistant",
        "delivery_timeout_seconds": 5,
        **changes,
    }
    return House(Settings(_env_file=None, **settings), Clinic(name="Sample Clinic", town="Grande Prairie"))


def rows(database: Engine, model: Any) -> list[Any]:
    with transaction(database) as session:
        found = list(session.execute(select(model).order_by(model.id)).scalars())
        session.expunge_all()
        return found


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def mails(folder: Path) -> list[EmailMessage]:
    """The messages in the mail folder of a sample house."""
    return [read(path.read_bytes()) for path in sorted((folder / "mail").glob("*"))]


def plain(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def html(message: EmailMessage) -> str:
    return message.get_body(("html",)).get_content()


class Mailbox:
    """A mail server's memory; `answers` are given one by one to RCPT or DATA, then everything is accepted.

    An answer is `RCPT 550 text` or `DATA 451 text`; `CUT` takes the message and hangs up without an answer.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.answers: list[str] = []
        self.over_tls: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and self.answers[0].startswith("RCPT "):
            return self.answers.pop(0).removeprefix("RCPT ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers and self.answers[0].startswith("DATA "):
            return self.answers.pop(0).removeprefix("DATA ")
        self.messages.append(read(envelope.content))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.over_tls.append(session.ssl is not None)
        if self.answers and self.answers[0] == "CUT":
            self.answers.pop(0)
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[dict[str, Any]]:
    """Runs a mail server; gives the settings by which it is reached."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    finally:
        controller.stop()
