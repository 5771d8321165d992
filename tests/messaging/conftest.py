"""One running server for all tests of messaging apps over HTTP, and the APIs that it sends to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from databases import KINDS, empty_database
from fakes import Api, running_api
from people import Person, Web, somebody, switched_on
from server.running import Server, running_server
from sqlalchemy.engine import Engine

from bot.kept_secrets import secret_key
from bot.privacy.encryption import vault
from bot.settings import settings
from bot.storage.database import make_engine, migrate


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
    with running_server(tmp_path_factory.mktemp("clinic"), **switched_on(shared_api), **keys()) as running:
        yield running


def keys() -> dict[str, object]:
    """The keys of this process: tests open the server's records as its commands do."""
    vault()  # makes them
    folder = settings().data_folder
    encryption_keys = (folder / "encryption_key").read_text(encoding="ascii")
    return {"secret_key": secret_key(None, folder), "encryption_keys": encryption_keys}


@pytest.fixture
def records(clinic: Server) -> Iterator[Engine]:
    """The database of the server."""
    engine = make_engine(f"sqlite:///{clinic.data / 'assistant.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def web(clinic: Server) -> Web:
    return Web(clinic.port)


@pytest.fixture
def person(web: Web, api: Api) -> Callable[[str], Person]:
    """Makes somebody who has not written before: by the name of the channel."""
    return lambda channel: Person(web, api, somebody(channel))


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made
