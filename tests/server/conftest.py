"""One running server for all tests over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running import Server, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The assistant as `make run` starts it."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running
