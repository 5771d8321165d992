"""One visitor from beginning to end, by typing and clicking, with pictures to look at in reports/widget."""

from __future__ import annotations

import re

from widget.page import Chat


async def test_a_whole_dialogue(chat: Chat) -> None:
    await chat.picture("1-closed")
    await chat.open()
    await chat.picture("2-greeting")
    assert "automated assistant" in (await chat.answers())[0]
    assert await chat.panel.get_by_role("link", name="911").count() == 1

    answer = await chat.ask("what is dry needling?")
    assert "thin" in answer
    await chat.page.get_by_text("Source [1]").click()
    await chat.picture("3-answer-with-its-source")
    answer = await chat.ask("Is it safe, and how much does it cost?")
    assert "Cosmetic use is an emerging field" in answer
    assert "price" in answer

    answer = await chat.ask("does it help with wrinkles?")
    assert "may" in answer
    assert "pass an enquiry on" in answer
    answer = await chat.click("Yes, pass it on")
    assert "Which town" in answer
    spent = chat.log.get_by_role("button", name="Yes, pass it on").last
    assert await spent.get_attribute("aria-disabled") == "true"
    await chat.picture("4-form")
    await chat.ask("Clairmont")
    await chat.ask("I'm Dana, dana@example.com")
    answer = await chat.ask("no, the email is dana.b@example.com")
    assert "changed" in answer.lower()
    answer = await chat.ask("the first one")
    assert "dana.b@example.com" in answer
    await chat.picture("5-summary-and-consent")
    answer = await chat.click("Yes, send it")
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{2}", answer)
    assert code
    await chat.picture("6-sent")

    answer = await chat.ask("actually my chest hurts and I can't breathe since the needling")
    assert "Call 911 now" in answer
    await chat.picture("7-emergency")
    answer = await chat.ask("ok, I called. how is my enquiry doing?")
    assert code[0] in answer

    async with chat.page.expect_download() as download:
        await chat.page.get_by_role("button", name="Your conversation").click()
        await chat.page.get_by_role("button", name="Save this conversation").click()
    written = (await (await download.value).path()).read_text(encoding="utf-8")
    assert "You: what is dry needling?" in written
    assert "Source:" in written

    await chat.page.get_by_role("button", name="Your conversation").click()
    await chat.page.get_by_role("button", name="Delete my data").click()
    await chat.picture("8-delete")
    await chat.page.get_by_role("button", name="Yes, delete it").click()
    await chat.page.get_by_text("so are your details in the enquiry you sent").wait_for()
    await chat.picture("9-deleted")
    assert await chat.said() == []
    assert await chat.token() is None
    answer = await chat.ask(f"how is my enquiry {code[0]} doing?")
    assert "can't find an enquiry" in answer
