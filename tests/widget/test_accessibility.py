"""Nobody is kept out: axe-core in every state and theme, the keyboard alone, small screens, high zoom."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser
from server.running import Server
from widget.page import LAUNCHER, Chat
from widget.sites import Site

THEMES = ["light", "dark", "forced-colours"]
QUESTION = "Is it safe, and what about scars?"


async def visit(browser: Browser, address: str, theme: str, **options: object) -> Chat:
    scheme = "dark" if theme == "dark" else "light"
    forced = "active" if theme == "forced-colours" else "none"
    return await Chat.visit(browser, address, color_scheme=scheme, forced_colors=forced, reduced_motion="reduce", **options)


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_in_any_state(browser: Browser, widget_server: Server, theme: str) -> None:
    chat = await visit(browser, f"http://127.0.0.1:{widget_server.port}/", theme)
    states = {"closed": await chat.violations()}
    await chat.open()
    states["greeting"] = await chat.violations()
    await chat.ask(QUESTION)
    states["reply"] = await chat.violations()
    await chat.page.get_by_text("Source [1]").last.click()
    states["citations"] = await chat.violations()
    await chat.click("Yes, pass it on")
    states["form"] = await chat.violations()
    await chat.ask("my chest hurts and I can't breathe")
    states["emergency"] = await chat.violations()
    await chat.page.get_by_role("button", name="Your conversation").click()
    states["menu"] = await chat.violations()
    await chat.page.get_by_role("button", name="Delete my data").click()
    states["deleting"] = await chat.violations()
    await chat.page.get_by_role("button", name="No, keep it").click()
    await chat.draft.fill("a" * 1001)
    states["too long"] = await chat.violations()
    await chat.page.context.set_offline(True)
    await chat.page.evaluate("dispatchEvent(new Event('offline'))")
    await chat.type("does it hurt?")
    await chat.page.get_by_text("You are offline").wait_for()
    states["offline"] = await chat.violations()
    await chat.picture(f"offline-{theme}")
    await chat.leave()
    assert {state: found for state, found in states.items() if found} == {}


async def test_axe_finds_nothing_on_a_narrow_screen_from_right_to_left(
    browser: Browser, widget_server: Server, clinic_site: Site
) -> None:
    clinic_site.direction, clinic_site.attributes = "rtl", 'data-theme="dark" data-corner="left" data-colour="#ffd54f"'
    chat = await Chat.visit(browser, clinic_site.origin, viewport={"width": 320, "height": 568})
    clinic_site.direction, clinic_site.attributes = "ltr", ""
    closed = await chat.violations()
    await chat.open()
    await chat.ask(QUESTION)
    opened = await chat.violations()
    await chat.picture("narrow-right-to-left")
    await chat.leave()
    assert (closed, opened) == ([], [])


async def test_with_the_keyboard_alone(chat: Chat) -> None:
    page = chat.page
    await page.keyboard.press("Tab")
    while await chat.focused() != LAUNCHER:
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("I'm the automated assistant").first.wait_for()
    assert await chat.focused() == "draft"
    await page.keyboard.type("does it help with wrinkles?")
    await page.keyboard.press("Enter")
    await chat.answered(1)
    while await chat.focused() != "Yes, pass it on":
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await chat.answered(3)
    assert await chat.focused() == "draft"
    for words in ("Clairmont", "Dana", "dana@example.com"):
        before = len(await chat.answers())
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await chat.answered(before)
    await page.keyboard.type("the first one")
    await page.keyboard.press("Enter")
    await page.get_by_text("Shall I send it").first.wait_for()
    await page.keyboard.type("yes")
    await page.keyboard.press("Enter")
    await page.get_by_text("reference code").wait_for()
    await page.keyboard.press("Escape")
    assert await chat.focused() == LAUNCHER
    assert await chat.panel.count() == 0


async def test_on_a_desktop_the_page_stays_within_reach(chat: Chat) -> None:
    await chat.open()
    assert await chat.panel.get_attribute("aria-modal") == "false"
    seen = set()
    for _ in range(30):
        await chat.page.keyboard.press("Tab")
        seen.add(await chat.focused())
    assert "A command" in seen  # a part of the page behind it


async def test_on_a_phone_the_keyboard_stays_in_the_chat(browser: Browser, widget_server: Server) -> None:
    address = f"http://127.0.0.1:{widget_server.port}/"
    chat = await Chat.visit(browser, address, viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True)
    await chat.open()
    assert await chat.panel.get_attribute("aria-modal") == "true"
    for key in ("Tab", "Shift+Tab"):
        for _ in range(12):
            await chat.page.keyboard.press(key)
            inside = await chat.page.evaluate("document.activeElement.tagName")
            assert inside == "CLINIC-CHAT"
    await chat.page.keyboard.press("Escape")
    assert await chat.focused() == LAUNCHER
    await chat.leave()


async def test_what_was_said_before_is_not_read_out_again(chat: Chat) -> None:
    await chat.open()
    await chat.ask("does it hurt?")
    await chat.page.evaluate("() => {}")
    await chat.page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            window.announced = [];
            const look = new MutationObserver((found) => {
                for (const change of found) for (const node of change.addedNodes)
                    if (node.classList?.contains("message") && node.closest("[role=log][aria-live=polite]"))
                        window.announced.push(node.textContent);
            });
            const wait = setInterval(() => {
                const panel = document.querySelector("clinic-chat")?.shadowRoot?.querySelector("clinic-chat-panel");
                if (!panel?.shadowRoot) return;
                clearInterval(wait);
                look.observe(panel.shadowRoot, {childList: true, subtree: true});
            }, 1);
        })"""
    )
    await chat.page.reload()
    await chat.open()
    await chat.page.get_by_text("does it hurt?").wait_for()
    assert await chat.page.evaluate("window.announced") == []
    await chat.ask("and is it safe?")
    announced = await chat.page.evaluate("window.announced.length")
    assert announced >= 2
    assert await chat.log.get_attribute("aria-live") == "polite"
    assert await chat.page.locator("clinic-chat-panel [role=status]").count() >= 1


@pytest.mark.parametrize(("width", "height", "name"), [(320, 568, "small-phone"), (320, 256, "zoom-400")])
async def test_small_screens_need_no_sideways_scrolling(
    browser: Browser, widget_server: Server, width: int, height: int, name: str
) -> None:
    """1,280 by 1,024 at 400 % is 320 by 256."""
    chat = await Chat.visit(browser, f"http://127.0.0.1:{widget_server.port}/", viewport={"width": width, "height": height})
    await chat.open()
    await chat.ask(QUESTION)
    await chat.picture(name)
    overflow = await chat.page.evaluate(
        """() => {
            const root = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").shadowRoot;
            return [document.scrollingElement, ...root.querySelectorAll("*")]
                .filter((each) => each.scrollWidth > each.clientWidth + 1)
                .filter((each) => each === document.scrollingElement || /auto|scroll/.test(getComputedStyle(each).overflowX))
                .map((each) => each.className || each.tagName);
        }"""
    )
    assert overflow == []
    await chat.draft.scroll_into_view_if_needed()
    box = await chat.draft.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    await chat.leave()


async def test_a_long_answer_is_read_from_its_beginning(browser: Browser, widget_server: Server) -> None:
    chat = await Chat.visit(browser, f"http://127.0.0.1:{widget_server.port}/", viewport={"width": 320, "height": 568})
    await chat.open()
    await chat.ask("does it hurt?")
    await chat.ask(QUESTION)
    log, asked = await chat.log.bounding_box(), await chat.page.locator("clinic-chat-panel .visitor").last.bounding_box()
    assert log is not None
    assert asked is not None
    assert log["y"] <= asked["y"] < log["y"] + 40
    await chat.picture("long-answer")
    more = chat.page.get_by_role("button", name="New messages")
    await more.click()
    await more.wait_for(state="detached")
    assert await chat.log.get_by_role("button", name="Versus microneedling").is_visible()
    await chat.leave()


async def test_who_reads_further_up_is_told_of_what_is_new(chat: Chat) -> None:
    await chat.open()
    for question in ("does it hurt?", QUESTION, "what is dry needling?"):
        await chat.ask(question)
    await chat.log.evaluate("log => { log.scrollTop = 0; }")
    await chat.page.get_by_role("button", name="New messages").wait_for()
    other = await Chat.tab(chat.page.context, chat.page.url)
    await other.open()
    await other.ask("how much does it cost?")
    await chat.log.get_by_text("how much does it cost?").wait_for()
    assert await chat.log.evaluate("log => log.scrollTop") == 0
    assert await chat.page.get_by_role("button", name="New messages").is_visible()


async def test_everything_to_press_is_large_enough(chat: Chat) -> None:
    await chat.open()
    await chat.ask(QUESTION)
    sizes = await chat.page.evaluate(
        """() => {
            const root = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").shadowRoot;
            return [...root.querySelectorAll("button, summary, textarea, .emergency a")].map((each) => {
                const {width, height} = each.getBoundingClientRect();
                return [each.textContent.trim() || each.getAttribute("aria-label"), width, height];
            });
        }"""
    )
    assert len(sizes) > 6
    assert [size for size in sizes if round(min(size[1:]), 2) < 44] == []  # a browser counts in 1/64 of a pixel


async def test_the_keyboard_of_a_phone_does_not_cover_the_input(browser: Browser, widget_server: Server) -> None:
    address = f"http://127.0.0.1:{widget_server.port}/"
    chat = await Chat.visit(browser, address, viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True)
    await chat.open()
    await chat.page.evaluate(
        """() => {
            Object.defineProperty(visualViewport, "height", {value: 330, configurable: true});
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    box = await chat.draft.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 330
    await chat.leave()
