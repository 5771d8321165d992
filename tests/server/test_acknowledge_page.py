"""The page for providers where the server over HTTP cannot lead: a database that fails, a clinic with an odd name."""

from __future__ import annotations

import html
from pathlib import Path

from databases import empty_database
from sqlalchemy.orm import Session

from bot.handoff.acknowledge import may_acknowledge
from bot.server.acknowledge_page import Words, _answer, _page
from bot.settings import Clinic

CLINIC = Clinic(name="Needles & <Pins>", town="Grande Prairie")
PAGES = {words: _page(words, CLINIC) for words in Words}


async def test_a_database_that_fails_is_said_and_noted_nowhere(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as without_tables:

        def work() -> Words:
            with Session(without_tables, future=True) as session:
                return Words.ASK if may_acknowledge(session, "K7QM-4XWP-2H", "0") else Words.NOTHING

        answer = await _answer(PAGES, work)
    assert answer.status == 503
    assert b"Nothing was noted" in answer.body
    assert b"OperationalError" not in answer.body


def test_every_page_is_whole_and_only_one_has_a_button() -> None:
    for words, page in PAGES.items():
        assert page.count("<h1>") == 1
        assert "$" not in page
        assert ("<form" in page) == (words is Words.ASK)
    assert html.escape(CLINIC.name) in PAGES[Words.NOTHING]
