"""A whole clinic for tests over HTTP: a mail server, a provider's system, and visitors who click buttons."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Semaphore
from typing import Any, Dict, List, NamedTuple

from handoff.delivering import Mailbox, mail_server
from server.running import ROOT, Answer, Server, running_server, surroundings
from sqlalchemy.engine import Engine

from bot.evaluation.receiver import Receiver, webhook_receiver
from bot.storage.database import make_engine

STAFF = "staff@clinic.example.com"
PUBLIC_URL = "https://clinic.example.com/assistant"
PATIENCE = 60
"""Seconds until a message must have arrived."""

PROVIDER = """
- key: sample-receiver
  sample: yes
  legal_name: Sample Provider Receiver
  practice: Sample Practice of the Webhook
  profession: acupuncturist
  regulator: Sample College of Acupuncturists
  registration_number: SAMPLE-0099
  register_type: Registered members
  permit_status: active
  permit_expires: {later}
  needle_authorisation: yes
  needle_authorisation_source: Sample register
  services: [jaw]
  insurance_expires: {later}
  town: Grande Prairie
  languages: [en]
  contact_by: [phone, text, email]
  register_link: https://register.example.com/SAMPLE-0099
  consented_on: {today}
  route: webhook
  address: {address}
  webhook_secret: sample-secret-that-signs-nothing-real
  verified_on: {today}
  verified_by: Sample Staff
  next_check_due: {later}
"""


class PostOffice(Mailbox):
    """A mail server's memory that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = Semaphore(0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.arrived.release()
        return answer


class Visitor:
    """One conversation over REST."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name
        self.last: List[Dict[str, Any]] = []

    def say(self, message: str) -> str:
        """Sends a message and returns the words of the answer."""
        answer: Answer = self._server.say(self.name, message)
        self.last = answer.messages
        return answer.words

    def click(self, title: str) -> str:
        """Clicks the button of the last answer whose title holds some words."""
        buttons = [button for message in self.last for button in message.get("buttons", [])]
        found = [button["payload"] for button in buttons if title in button["title"]]
        assert found, f"no button {title!r} in {self.last}"
        return self.say(found[0])


class Clinic(NamedTuple):
    """What runs."""

    server: Server
    post: PostOffice
    receiver: Receiver
    folder: Path
    settings: Dict[str, Any]

    def visitor(self, name: str) -> Visitor:
        return Visitor(self.server, name)

    def database(self) -> Engine:
        return make_engine(self.settings.get("database_url") or f"sqlite:///{self.folder / 'data' / 'assistant.db'}")

    def command(self, *words: str) -> str:
        """Runs `python -m bot …` as staff do, beside the server, and returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=surroundings(self.folder, **self.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def running_clinic(folder: Path, **settings: Any) -> Iterator[Clinic]:
    """Runs the server with mail and one more provider, whose enquiries go to a webhook."""
    post = PostOffice()
    with mail_server(post) as mail, webhook_receiver() as receiver:
        own = {"staff_email": STAFF, "public_url": PUBLIC_URL, **mail, **settings}
        with running_server(folder, **own) as server:
            clinic = Clinic(server, post, receiver, folder, own)
            today = date.today()
            file = folder / "receiver.yml"
            later = today + timedelta(days=60)
            file.write_text(PROVIDER.format(today=today, later=later, address=receiver.address), encoding="utf-8")
            clinic.command("providers", "import", str(file))
            yield clinic
