"""One cluster for all tests of it: PostgreSQL, two assistants, a worker and nginx, as `make cluster` starts them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from outside import Outsider
from playwright.async_api import async_playwright
from widget.page import CHROMIUM, CHROMIUM_ARGUMENTS, Chat

from bot.evaluation.processes import free_port
from deploy.cluster.cluster import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="assistant-cluster-"))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else when these tests run as root
    try:
        with running_cluster(folder, free_port()) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def visitor(cluster: Cluster) -> Outsider:
    return Outsider(int(cluster.address.rpartition(":")[2]), cluster.certificate)


@pytest_asyncio.fixture
async def chat(cluster: Cluster) -> AsyncIterator[Chat]:
    """A visitor with a browser on the assistant's own page, with the chat open."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        chat = await Chat.visit(browser, f"{cluster.address}/", ignore_https_errors=True)
        yield await chat.open()
        await browser.close()
