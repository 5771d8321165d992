"""A visitor with a browser: opens the chat, types, clicks, and reads what is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Dict, List, Optional

from playwright.async_api import Browser, BrowserContext, Locator, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    *["--disable-background-networking", "--disable-component-update"],
]
LAUNCHER = "Questions? Chat with us"
AXE = Path(__file__).resolve().parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = Path(os.environ.get("WIDGET_PICTURES", Path(__file__).resolve().parents[2] / "reports" / "widget"))
PATIENCE = 15_000
"""Milliseconds until an answer must be there."""


class Chat:
    """One tab of one visitor."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: List[str] = []
        self.requests: List[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: dialog.accept())

    @classmethod
    async def visit(cls, browser: Browser, address: str, **options: Any) -> Chat:
        """Opens a page in a browser of one's own: no storage, no cookies."""
        context = await browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        return await cls.tab(context, address)

    @classmethod
    async def tab(cls, context: BrowserContext, address: str) -> Chat:
        """Opens another tab of the same visitor."""
        chat = cls(await context.new_page())
        await chat.page.goto(address)
        await chat.launcher.wait_for()
        return chat

    async def leave(self) -> None:
        """Closes the browser."""
        await self.page.context.close()

    @property
    def launcher(self) -> Locator:
        return self.page.locator("clinic-chat button.launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def draft(self) -> Locator:
        return self.page.locator("clinic-chat-panel textarea")

    async def open(self) -> Chat:
        """Opens the chat and waits until it is connected."""
        await self.launcher.click()
        await self.draft.wait_for()
        await self.page.get_by_text("I'm the automated assistant").first.wait_for()
        return self

    async def type(self, text: str) -> None:
        """Types a message and sends it with the Enter key."""
        await self.draft.fill(text)
        await self.draft.press("Enter")

    async def send_raw(self, text: str) -> None:
        """Sends a text that no keyboard could type."""
        await self.page.evaluate(
            """(text) => document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel")
                .line.send(text)""",
            text,
        )

    async def ask(self, text: str) -> str:
        """Types a message and returns what is answered to it."""
        before = len(await self.answers())
        await self.type(text)
        await self.answered(before)
        return "\n".join((await self.answers())[before:])

    async def click(self, title: str) -> str:
        """Clicks the newest suggested reply of that title and returns what is answered."""
        before = len(await self.answers())
        await self.log.get_by_role("button", name=title).last.click()
        await self.answered(before)
        return "\n".join((await self.answers())[before:])

    async def answered(self, before: int) -> None:
        """Waits until there is more than so many answers, and nobody is writing."""
        await self.page.wait_for_function(
            """(before) => {
                const panel = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel");
                const line = panel.line;
                return panel.renderRoot.querySelectorAll(".message.assistant").length > before && !line.typing
                    && line.log.pending.length === 0;
            }""",
            arg=before,
        )

    async def answers(self) -> List[str]:
        """The assistant's messages, as they are shown, the greeting first."""
        return await self.page.locator("clinic-chat-panel .message.assistant > .text").all_inner_texts()

    async def said(self) -> List[str]:
        """The visitor's messages, as they are shown."""
        return await self.page.locator("clinic-chat-panel .message.visitor > .text").all_inner_texts()

    async def drop_line(self) -> None:
        """Cuts the connection that is open: being offline alone lets an open one live on in Chromium."""
        await self.page.evaluate(
            """() => {
                const line = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").line;
                line.socket.io.engine?.close();
            }"""
        )

    async def focused(self) -> str:
        """What has the keyboard: its name or its text."""
        return str(
            await self.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    return at?.getAttribute("aria-label") || at?.id || at?.textContent?.trim() || at?.tagName || "";
                }"""
            )
        )

    async def violations(self) -> List[str]:
        """What axe-core finds against WCAG 2.2 AA and its best practices, on the whole page."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8") + "\nvoid 0")
        found: Dict[str, Any] = await self.page.evaluate(
            "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", STANDARDS
        )
        return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]

    async def picture(self, name: str) -> None:
        """Writes a screenshot that a person can look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    async def token(self) -> Optional[str]:
        """The one thing that the page keeps."""
        kept: Dict[str, str] = await self.page.evaluate("() => ({...localStorage})")
        assert len(kept) <= 1, kept
        return next(iter(kept.values()), None)
