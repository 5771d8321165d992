"""One running server for all tests of messaging apps over HTTP, and the APIs that it sends to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from databases import KINDS, empty_database
from fakes import ACCOUNT, AUTH_TOKEN, NUMBER, TOKEN, Api, running_api
from people import PUBLIC_URL, SECRET, Person, Web, somebody
from server.running import Server, running_server
from sqlalchemy.engine import Engine

from bot.storage.database import migrate

FAST = {"messaging_first_wait_seconds": 0.05, "messaging_attempts": 4}


def switched_on(api: Api) -> dict[str, object]:
    """The settings that switch everything on."""
    return {
        "public_url": PUBLIC_URL,
        "telegram_token": TOKEN,
        "telegram_webhook_secret": SECRET,
        "telegram_api_url": api.address,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_sms_from": NUMBER,
        "twilio_whatsapp_from": NUMBER,
        "twilio_api_url": api.address,
        **FAST,
    }


@pytest.fixture(scope="session")
def shared_api() -> Iterator[Api]:
    with running_api() as running:
        yield running


@pytest.fixture
def api(shared_api: Api) -> Iterator[Api]:
    """The APIs; what they got was right."""
    yield shared_api
    assert shared_api.wrong == []


@pytest.fixture(scope="session")
def clinic(shared_api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server as `make run` starts it, with every app switched on."""
    with running_server(tmp_path_factory.mktemp("clinic"), **switched_on(shared_api)) as running:
        yield running


@pytest.fixture
def web(clinic: Server) -> Web:
    return Web(clinic.port)


@pytest.fixture
def person(web: Web, api: Api) -> Callable[[str], Person]:
    """Makes somebody who has not written before: `telegram`, `sms` or `whatsapp`."""
    return lambda channel: Person(web, api, somebody(channel))


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made
