"""Open questions, on SQLite and on a real PostgreSQL server: counted, without anything personal, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databases import KINDS, empty_database
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.handoff import open_questions as room
from bot.handoff.open_questions import clear_open_questions, note_question, open_questions
from bot.storage.database import make_engine, migrate


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def test_the_same_question_is_counted(database: Engine) -> None:
    for _ in range(3):
        assert note_question("Do you treat horses?", "not_understood", database)
    assert [(noted.text, noted.times) for noted in open_questions(database)] == [("Do you treat horses?", 3)]


def test_a_question_that_was_passed_on_is_another_one_and_stands_first(database: Engine) -> None:
    note_question("a", "not_understood", database)
    note_question("a", "not_understood", database)
    note_question("a", "passed_on", database)
    assert [(noted.reason, noted.times) for noted in open_questions(database)] == [("passed_on", 1), ("not_understood", 2)]


def test_the_most_frequent_stand_first(database: Engine) -> None:
    for text in ("rare", "often", "often"):
        note_question(text, "not_understood", database)
    assert [noted.text for noted in open_questions(database)] == ["often", "rare"]


def test_nothing_personal_is_kept(database: Engine) -> None:
    note_question("My name is Jane Doe, call 780-555-0100 or jane@example.com about my horse", "passed_on", database)
    kept = open_questions(database)[0].text
    assert "horse" in kept
    assert not any(personal in kept for personal in ("Jane", "Doe", "0100", "example"))


def test_two_askers_who_differ_only_in_what_is_taken_out_count_as_one_question(database: Engine) -> None:
    note_question("Mail me at a@example.com about horses", "passed_on", database)
    note_question("Mail me at b@example.org about horses", "passed_on", database)
    assert [noted.times for noted in open_questions(database)] == [2]


def test_only_so_many_are_kept_and_the_oldest_go(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_KEPT", 3)
    for word in ("ant", "bee", "cat", "dog", "elk"):
        note_question(word, "not_understood", database)
    assert {noted.text for noted in open_questions(database)} == {"cat", "dog", "elk"}


def test_what_is_longer_than_its_column_is_cut(database: Engine) -> None:
    assert note_question("word " * 400, "passed_on", database)
    assert len(open_questions(database)[0].text) <= 1000


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_question_is_not_kept(database: Engine, text: str) -> None:
    assert not note_question(text, "passed_on", database)
    assert open_questions(database) == []


def test_clearing_tells_how_many_there_were(database: Engine) -> None:
    note_question("a horse", "passed_on", database)
    note_question("a cow", "passed_on", database)
    assert clear_open_questions(database) == 2
    assert open_questions(database) == []


def test_many_visitors_at_once_are_all_counted(database: Engine) -> None:
    note_question("a horse", "passed_on", database)
    with ThreadPoolExecutor(16) as threads:
        noted = list(threads.map(lambda _: note_question("a horse", "passed_on", database), range(48)))
    assert all(noted)
    assert [question.times for question in open_questions(database)] == [49]


def test_what_looks_like_sql_is_text(database: Engine) -> None:
    text = "'; DROP TABLE open_questions; --"
    assert note_question(text, "passed_on", database)
    assert open_questions(database)[0].text == text


@pytest.mark.parametrize("text", ["horse \ud83d", "horse \x00"])
def test_characters_that_a_database_cannot_take_are_answered_not_raised(database: Engine, text: str) -> None:
    with capture_logs():
        noted = note_question(text, "passed_on", database)
    assert len(open_questions(database)) == int(noted)


def test_a_database_that_fails_is_reported_and_logged_without_words(tmp_path: Path) -> None:
    without_tables = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with capture_logs() as logs:
        assert note_question("marmalade canary", "passed_on", without_tables) is False
    without_tables.dispose()
    assert [line["event"] for line in logs] == ["open_question.not_noted"]
    assert "marmalade" not in str(logs)
