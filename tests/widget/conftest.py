"""A real server and a real Chromium for the tests of the widget."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from server.running import Server, running_server
from widget.page import CHROMIUM, CHROMIUM_ARGUMENTS, Chat
from widget.sites import Site, site


@pytest.fixture(scope="session")
def clinic_site() -> Iterator[Site]:
    """A website of another origin than the assistant, with a strict content security policy."""
    with site() as running:
        yield running


@pytest.fixture(scope="session")
def widget_server(tmp_path_factory: pytest.TempPathFactory, clinic_site: Site) -> Iterator[Server]:
    """The assistant, which lets the clinic's website talk to it."""
    folder = tmp_path_factory.mktemp("widget-server")
    with running_server(folder, widget_origins=clinic_site.origin, enquiries_per_hour=50) as server:
        clinic_site.assistant = f"http://127.0.0.1:{server.port}"
        yield server


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield running
        await running.close()


@pytest_asyncio.fixture
async def chat(browser: Browser, widget_server: Server) -> AsyncIterator[Chat]:
    """A visitor on the assistant's own page, with the chat closed."""
    chat = await Chat.visit(browser, f"http://127.0.0.1:{widget_server.port}/")
    yield chat
    await chat.leave()
