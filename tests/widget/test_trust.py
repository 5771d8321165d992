"""The page gives nothing away and lets nothing in: strict CSP, no third parties, no cookies, text that stays text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser
from server.running import Server
from widget.page import Chat
from widget.sites import Site

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    '"><iframe srcdoc="<script>parent.hacked=1</script>">',
    "javascript:window.hacked=1",
    "[click](javascript:window.hacked=1)",
    "data:text/html,<script>window.hacked=1</script>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "${window.hacked=1}",
    "<a href='vbscript:x'>x</a> <style>*{display:none}</style>",
    "\u202etxet siht desrever \u2066\u2069",
    "broken \ud800 surrogate \ufffe and \u0000 zero",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>",
]


async def test_under_a_strict_policy_on_a_site_of_another_origin(
    browser: Browser, widget_server: Server, clinic_site: Site
) -> None:
    chat = await Chat.visit(browser, clinic_site.origin)
    await chat.page.evaluate(
        "() => { window.found = []; addEventListener('securitypolicyviolation', (e) => found.push(e.violatedDirective)); }"
    )
    await chat.open()
    await chat.ask("Is it safe, and what about scars?")
    await chat.page.get_by_text("Source [1]").first.click()
    await chat.click("Yes, pass it on")
    assert await chat.page.evaluate("found") == []
    assert [line for line in chat.console if "Content Security Policy" in line or line.startswith("error")] == []
    hosts = {urlsplit(address).netloc for address in chat.requests if not address.startswith("data:")}
    assert hosts == {urlsplit(clinic_site.origin).netloc, f"127.0.0.1:{widget_server.port}"}
    assert await chat.page.context.cookies() == []
    assert not any(re.search(r"\.(woff2?|ttf|otf)\b", address) for address in chat.requests)
    await chat.leave()


async def test_a_site_that_is_not_listed_gets_no_answer(browser: Browser, widget_server: Server, clinic_site: Site) -> None:
    listed = clinic_site.origin.replace("localhost", "127.0.0.1")  # the same page, at an origin that nobody allowed
    chat = await Chat.visit(browser, listed)
    await chat.launcher.click()
    await chat.page.get_by_text("can't be reached right now").wait_for()
    assert await chat.page.get_by_text("Call 911").count() == 1
    assert await chat.token() is None
    await chat.leave()


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_a_visitor_types_stays_text(chat: Chat, text: str) -> None:
    await chat.open()
    await chat.send_raw(text)
    await chat.answered(1)
    assert await chat.page.evaluate("window.hacked") is None
    if text.isprintable():
        assert await chat.said() == [text]
    assert await chat.page.locator("clinic-chat-panel .message.visitor .text *").count() == 0
    await chat.page.reload()
    await chat.open()
    assert await chat.page.evaluate("window.hacked") is None
    assert await chat.page.locator("clinic-chat-panel .message.visitor .text *").count() == 0


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_the_assistant_says_stays_text(chat: Chat, text: str) -> None:
    await chat.open()
    await chat.page.evaluate(
        """(text) => document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").line.arrived({
            seq: 1, from: "assistant", id: "a1", text, kind: text, quick_replies: [{title: text, payload: text}],
            citations: [{section: text, url: text}],
        })""",
        text,
    )
    await chat.page.get_by_text("Source [1]").click()
    assert await chat.page.evaluate("window.hacked") is None
    links = await chat.page.locator("clinic-chat-panel a").evaluate_all("links => links.map((link) => link.href)")
    assert {link.partition(":")[0] for link in links} <= {"tel", "https", "http", "mailto"}
    panel = chat.page.locator("clinic-chat-panel")
    assert await panel.locator(".message img, iframe, script").count() == 0


async def test_addresses_of_the_assistant_are_links_and_those_of_the_visitor_are_not(chat: Chat) -> None:
    await chat.open()
    await chat.page.evaluate(
        """() => {
            const line = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").line;
            line.arrived({seq: 1, from: "visitor", id: "visitor-1", text: "see https://example.com/a."});
            line.arrived({seq: 2, from: "assistant", id: "a2", text: "Look at https://example.com/b. Or (https://example.com/c)!"});
        }"""
    )
    links = chat.page.locator("clinic-chat-panel .text a")
    assert await links.evaluate_all("links => links.map((link) => link.href)") == ["https://example.com/b", "https://example.com/c"]
    assert await links.first.get_attribute("rel") == "noopener noreferrer"


async def test_the_page_keeps_a_token_and_nothing_else(chat: Chat) -> None:
    await chat.open()
    assert await chat.token() is None  # who only looks leaves nothing behind
    await chat.ask("I'm Dana, is it safe?")
    token = await chat.token()
    assert token is not None
    assert re.fullmatch(r"[\w-]{22}\.\d{10}\.[0-9a-f]{64}", token)
    assert await chat.page.evaluate("sessionStorage.length") == 0
    assert await chat.page.context.cookies() == []


async def test_without_scripts_there_is_a_way_to_the_clinic(browser: Browser, widget_server: Server) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{widget_server.port}/")
    assert "front desk" in await page.locator("noscript, .noscript").first.inner_text()
    await context.close()


async def test_the_launcher_blocks_nothing(chat: Chat) -> None:
    """Until somebody opens the chat only the small file is there, and it waits for nothing."""
    names = [urlsplit(address).path for address in chat.requests]
    assert "/widget.js" in names
    assert "/widget-chat.js" not in names
    assert not any("socket.io" in name for name in names)
    assert await chat.page.locator("script[src]").evaluate_all("found => found.every((each) => each.async)")
