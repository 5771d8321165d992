"""What all tests share: a data folder of their own and one assistant, loaded once."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Before bot.settings is read, so that no test writes into the data of this machine.
DATA = Path(tempfile.mkdtemp(prefix="assistant-tests-"))
os.environ["DATA_FOLDER"] = str(DATA)
os.environ["DATABASE_URL"] = f"sqlite:///{DATA / 'assistant.db'}"
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
os.environ["TQDM_DISABLE"] = "1"

if TYPE_CHECKING:
    from bot.shell.session import Assistant


def pytest_unconfigure() -> None:
    """Removes the data folder."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def assistant() -> Iterator[Assistant]:
    """The trained assistant behind its door, as `make train` left it."""
    with warnings.catch_warnings():
        # Rasa warns of its own settings while it loads.
        warnings.simplefilter("ignore")
        from bot.server.logs import configure_logs
        from bot.shell.session import Assistant

        configure_logs("ERROR")
        yield Assistant()


@pytest.fixture
def only_the_sample_providers(assistant: Assistant) -> None:
    """Takes out of the directory whom other tests have put there, so that the order of tests does not matter."""
    import yaml
    from sqlalchemy import update

    from bot.clock import now
    from bot.handoff.samples import SAMPLES
    from bot.storage.database import engine, transaction
    from bot.storage.models import Provider

    keys = [entry["key"] for entry in yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))]
    with transaction(engine()) as session:
        session.execute(update(Provider).where(Provider.key.not_in(keys)).values(retired_on=now().date()))
