"""Simulated visitors answer what they are asked, and what they are counted for is what the database holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.short_answers import Turn
from bot.evaluation.enquiry_report import share_of_success, write_report
from bot.evaluation.enquiry_visitors import (
    MOST_TURNS,
    Visit,
    Visitor,
    VisitorsError,
    all_sets,
    asked_in,
    read_visitors,
    visit,
    visit_all,
)

if TYPE_CHECKING:
    from bot.shell.session import Assistant

LEAST = 0.93
"""Below the aim, which a few visitors more or less do not prove or disprove; a drop below this is a mistake."""
OPENING = "Please have a provider contact me about scars, I'm in Grande Prairie"


def turn(*names: str, text: str = "?") -> Turn:
    return Turn([{"text": text} for _ in names], list(names), refused=False, failed=False)


def visitor(opening: str = OPENING, words: Any = None, **facts: Any) -> Visitor:
    said = {name: [text] if isinstance(text, str) else text for name, text in (words or {}).items()}
    return Visitor("made up", opening, said, facts)


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["utter_notice", "utter_enquiry_start", "utter_ask_enquiry_town"], "town"),
        (["utter_wrong_enquiry_contact", "utter_ask_enquiry_contact"], "contact"),
        (["utter_enquiry_providers", "utter_enquiry_provider", "utter_enquiry_pick"], "choice"),
        (["utter_enquiry_summary", "utter_enquiry_consent_team"], "consent"),
        (["utter_why_enquiry_consent", "utter_enquiry_shall_i"], "consent"),
        (["utter_scars", "utter_offer_enquiry"], "offer"),
        (["utter_safety"], None),
    ],
)
def test_what_is_asked_is_what_is_said_last(names: list[str], asked: str | None) -> None:
    assert asked_in(turn(*names)) == asked


def test_the_offer_at_the_end_of_an_answer_is_seen() -> None:
    assert asked_in(turn("utter_cost_insurance", text="I don't know. Shall I pass your question on?")) == "offer"


def test_every_set_has_thirty_different_visitors() -> None:
    openings = [one.opening for visitors in all_sets().values() for one in visitors]
    assert len(set(openings)) == len(openings) == 30 * len(all_sets())
    for visitors in all_sets().values():
        assert len({one.who for one in visitors}) == 30
        assert all(one.facts.get("first_name") and one.facts.get("contact") for one in visitors)


def test_a_visitor_without_facts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "visitors.yml"
    path.write_text("- {who: x, opening: hello, words: {}}\n", encoding="utf-8")
    with pytest.raises(VisitorsError, match=r"visitors\.yml, visitor 1: should have facts"):
        read_visitors(path)


@pytest.mark.usefixtures("only_the_sample_providers")
async def test_wrong_facts_are_no_success(assistant: Assistant) -> None:
    words = {"first_name": "Olga", "contact": "olga.v@example.com", "choice": "the first one", "consent": "yes"}
    went = await visit(assistant, visitor(words=words, first_name="Helga", contact="olga.v@example.com", provider="second"))
    assert went.problems == [
        "first_name should be Helga, and is Olga",
        "provider should be second, and is sample-one",
    ]
    assert len(went.said) <= MOST_TURNS


async def test_who_never_gets_it_sent_is_no_success(assistant: Assistant) -> None:
    words = {"first_name": "Olaf", "contact": "olaf.v@example.com", "choice": "hm", "consent": "maybe"}
    went = await visit(assistant, visitor(words=words, first_name="Olaf"))
    assert went.problems == ["0 enquiries were kept"]


async def test_an_answer_that_asks_nothing_ends_the_visit(assistant: Assistant) -> None:
    went = await visit(assistant, visitor("thanks, bye", first_name="Nobody"))
    assert (len(went.said), went.problems) == (1, ["0 enquiries were kept"])


@pytest.mark.usefixtures("only_the_sample_providers")
async def test_most_visitors_succeed(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = [went for visitors in all_sets().values() for went in await visit_all(assistant, visitors)]
    monkeypatch.setattr("bot.evaluation.enquiry_report.REPORT", tmp_path / "enquiries.md")
    printed = write_report({"everybody": visits})
    assert str(share_of_success(visits)) in printed
    assert "## Every visitor of the everybody set" in (tmp_path / "enquiries.md").read_text(encoding="utf-8")
    assert share_of_success(visits).value >= LEAST, printed


def test_the_share_counts_those_without_problems() -> None:
    visits = [Visit(visitor(), ["hi"], [turn("utter_greet")], problems) for problems in ([], ["it took 9 turns"])]
    assert str(share_of_success(visits)) == "50.0 % (1 of 2)"
