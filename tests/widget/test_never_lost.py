"""Whatever is cut and whenever: each message counts once, each reply is shown once, and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.async_api import Browser
from server.running import Server, restarted, running_server
from widget.page import Chat

QUESTIONS = {
    "does it hurt?": "how much it hurts",
    "how much does it cost?": "price",
    "what is dry needling?": "thin",
    "is it safe?": "Cosmetic use is an emerging field",
    "how many sessions do I need?": "how many sessions",
}
CUTS = ("before sending", "while thinking", "mid-reply", "reload", "long")
ROUNDS = 10


async def is_settled(chat: Chat, questions: int) -> None:
    """Waits until so many messages stand there, each with a reply and none waiting."""
    await chat.page.wait_for_function(
        """(questions) => {
            const line = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel")?.line;
            if (!line || line.log.pending.length || line.state !== "online") return false;
            const asked = line.log.entries.filter((entry) => entry.from === "visitor");
            return asked.length === questions && !line.log.open;
        }""",
        arg=questions,
        timeout=60_000,
    )


async def seqs(chat: Chat) -> list[int]:
    found: list[int] = await chat.page.evaluate(
        """() => document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel")
            .line.log.entries.map((entry) => entry.seq)"""
    )
    return found


async def cut(chat: Chat, how: str, question: str, luck: random.Random) -> None:
    """Asks a question, and cuts the line at some point of it."""
    context = chat.page.context
    if how == "reload":
        await chat.type(question)
        # What the server has not confirmed yet is with the page alone, which asks before it goes; see the next test.
        await chat.page.wait_for_function(
            """() => !document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel")
                .line.log.pending.length"""
        )
        await chat.page.reload()
        await chat.open()
        return
    if how == "before sending":
        await context.set_offline(True)
        await chat.drop_line()
        await chat.type(question)
    elif how == "while thinking":
        await chat.type(question)
        await context.set_offline(True)
        await chat.drop_line()
    else:
        await chat.type(question)
        await chat.page.evaluate("(ms) => new Promise((go) => setTimeout(go, ms))", luck.randint(0, 120))
        await context.set_offline(True)
        await chat.drop_line()
    if how == "long":
        await chat.page.get_by_text("sent when you are back").wait_for()
    await context.set_offline(False)


@pytest.mark.parametrize("seed", range(5))
async def test_fifty_cuts_lose_and_double_nothing(browser: Browser, widget_server: Server, seed: int) -> None:
    luck = random.Random(seed)
    chat = await Chat.visit(browser, f"http://127.0.0.1:{widget_server.port}/")
    await chat.open()
    asked: list[str] = []
    for turn in range(ROUNDS):
        question = luck.choice(list(QUESTIONS))
        asked.append(question)
        await cut(chat, CUTS[turn % len(CUTS)], question, luck)
        await is_settled(chat, len(asked))
    assert await chat.said() == asked
    order = await seqs(chat)
    assert order == list(range(1, len(order) + 1))
    await chat.page.reload()
    await chat.open()
    await is_settled(chat, len(asked))
    assert await seqs(chat) == order
    assert await chat.said() == asked
    await chat.leave()


async def test_a_server_that_is_killed_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        chat = await Chat.visit(browser, f"http://127.0.0.1:{server.port}/")
        await chat.open()
        await chat.ask("does it hurt?")
        await chat.type("is it safe?")
        server.process.kill()
        server.process.wait()
        await chat.type("how much does it cost?")
        await chat.page.get_by_text("can't be reached right now").wait_for()
        await chat.picture("unreachable")
        with restarted(server, tmp_path):
            await is_settled(chat, 3)
            assert await chat.said() == ["does it hurt?", "is it safe?", "how much does it cost?"]
            answers = "\n".join(await chat.answers())
            assert answers.count(QUESTIONS["how much does it cost?"]) == 1
            order = await seqs(chat)
            assert order == sorted(set(order))
        await chat.leave()


async def test_a_form_goes_on_after_the_server_was_killed(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        chat = await Chat.visit(browser, f"http://127.0.0.1:{server.port}/")
        await chat.open()
        await chat.ask("please have somebody contact me about my wrinkles")
        assert "first name" in await chat.ask("Clairmont")
        server.process.kill()
        server.process.wait()
        with restarted(server, tmp_path):
            await is_settled(chat, 2)
            assert "How can they reach you" in await chat.ask("Dana")
        await chat.leave()


async def test_what_is_typed_after_the_session_has_ended_is_sent_in_a_new_one(chat: Chat) -> None:
    await chat.open()
    await chat.ask("does it hurt?")
    await chat.page.evaluate(
        """() => {
            const line = document.querySelector("clinic-chat").shadowRoot.querySelector("clinic-chat-panel").line;
            line.store.set((line.token = "A".repeat(22) + ".1000000000." + "0".repeat(64)));
        }"""
    )
    await chat.page.context.set_offline(True)
    await chat.drop_line()
    await chat.type("is it safe?")
    await chat.page.context.set_offline(False)
    await is_settled(chat, 1)
    assert await chat.said() == ["is it safe?"]


async def test_a_page_with_something_unsent_asks_before_it_goes(chat: Chat) -> None:
    leaving = """() => {
        const leaves = new Event("beforeunload", {cancelable: true});
        return !dispatchEvent(leaves);
    }"""
    await chat.open()
    await chat.ask("does it hurt?")
    assert not await chat.page.evaluate(leaving)
    await chat.page.context.set_offline(True)
    await chat.drop_line()
    await chat.type("is it safe?")
    assert await chat.page.evaluate(leaving)


async def test_two_tabs_are_one_conversation(chat: Chat) -> None:
    await chat.open()
    await chat.ask("does it hurt?")
    other = await Chat.tab(chat.page.context, chat.page.url)
    await other.open()
    await other.page.get_by_text("does it hurt?").wait_for()
    await other.ask("is it safe?")
    await chat.log.get_by_text("is it safe?", exact=True).wait_for()
    assert await chat.answers() == await other.answers()


async def test_the_launcher_tells_of_what_is_new(chat: Chat) -> None:
    await chat.open()
    await chat.ask("does it hurt?")
    await chat.page.keyboard.press("Escape")
    await chat.send_raw("is it safe?")  # as if the answer had come after the chat was closed
    await chat.page.get_by_role("button", name="new message").wait_for()
    await chat.picture("unread")
    await chat.launcher.click()
    await chat.draft.wait_for()
    await chat.page.keyboard.press("Escape")
    assert "new message" not in str(await chat.launcher.get_attribute("aria-label"))
