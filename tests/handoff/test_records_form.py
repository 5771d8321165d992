"""What visitors mean who ask about something they left before."""

from __future__ import annotations

import pytest

from bot.handoff.heard import Said
from bot.handoff.records_form import meant, wants_to_withdraw, wish_of

CODE = "K7QM-4XWP-2H"


@pytest.mark.parametrize(
    "text",
    [
        "withdraw my enquiry",
        "I'd like my enquiry withdrawn",
        "please cancel my request",
        "take my enquiry back",
        "stop the enquiry I sent",
        "call off the call back",
        "don't send my inquiry",
    ],
)
def test_withdrawing_is_heard(text: str) -> None:
    assert wants_to_withdraw(text, knows_which=False)


@pytest.mark.parametrize(
    "text", ["cancel it", "stop that", "never mind", "stop", "withdraw from caffeine", "withdrawal symptoms"]
)
def test_stopping_the_talk_withdraws_nothing(text: str) -> None:
    assert not wants_to_withdraw(text, knows_which=False)


def test_it_is_clear_when_it_was_spoken_of() -> None:
    assert wants_to_withdraw("cancel it", knows_which=True)
    assert not wants_to_withdraw("never mind", knows_which=True)


def test_a_code_alone_asks_nothing_whatever_it_resembles() -> None:
    asked = frozenset({"what_is"})
    assert not meant(Said(CODE, "what_is", asked), "lookup_code", "erase").also_asks
    assert meant(Said(f"{CODE}. what is it anyway?", "what_is", asked), "lookup_code", "erase").also_asks


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        (Said("where is my enquiry", "enquiry_status"), "status"),
        (Said(CODE, "out_of_scope"), "status"),
        (Said("delete my data", "erase_data"), "erase"),
        (Said(f"erase {CODE}", "nlu_fallback"), "erase"),
        (Said("withdraw and delete it all", "erase_data"), "erase"),
        (Said("I withdraw my consent", "erase_data"), "withdraw"),
        (Said("withdraw", "enquiry_status", choice="withdraw", clicked=True), "withdraw"),
    ],
)
def test_what_is_wanted(said: Said, wish: str) -> None:
    assert wish_of(said) == wish


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{CODE} and dana@example.com", {"lookup_code": CODE, "records_contact": "dana@example.com"}),
        ("k7qm4xwp2h", {"lookup_code": CODE}),
        ("2345 6789 2H", {"lookup_code": "2345-6789-2H"}),
        ("780 555 0143", {"records_contact": "+17805550143"}),
        ("dana123456@example.com", {"records_contact": "dana123456@example.com"}),
    ],
)
def test_codes_and_contacts_are_told_apart(text: str, told: dict[str, str]) -> None:
    assert meant(Said(text, "nlu_fallback"), "records_contact", "erase").values == told


@pytest.mark.parametrize(
    "text",
    [
        "I lost it",
        "can't find it",
        "I don't have one",
        "no idea",
        "never got a code",
        "I forgot",
        "no idea where that code is",
    ],
)
def test_what_was_lost_is_given_up(text: str) -> None:
    assert meant(Said(text, "repeat_clarify"), "lookup_code", "status").gives_up


@pytest.mark.parametrize("text", ["what code?", "where do I find the code", "why do you need a code"])
def test_asking_about_the_code_is_answered(text: str) -> None:
    assert meant(Said(text, "enquiry_status"), "lookup_code", "status").problem == "why"


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("show me", "show"),
        ("both please", "show"),
        ("can I see it first?", "show"),
        ("delete it", "delete"),
        ("erase", "delete"),
    ],
)
def test_show_or_delete(text: str, choice: str) -> None:
    assert meant(Said(text, "nlu_fallback"), "lookup_choice", "erase").values == {"lookup_choice": choice}


@pytest.mark.parametrize("text", ["yes", "yes please", "yes, do it", "yes, delete it", "erase it all"])
def test_a_clear_yes_deletes(text: str) -> None:
    assert meant(Said(text, "affirm"), "lookup_delete", "erase").values == {"lookup_delete": "yes"}


@pytest.mark.parametrize(
    "said",
    [
        Said("hmm", "affirm"),
        Said("don't delete it", "erase_data"),
        Said("yes but not the enquiry", "affirm"),
        Said("what happens if you delete it?", "erase_data"),
        Said("delete", "inform", choice="delete", clicked=True),
        Said("Yes, send it", "affirm", choice="send", clicked=True),
        Said("withdraw", "affirm", choice="withdraw", clicked=True),
        Said("Delete my data", "erase_data", clicked=True),
        Said("no", "deny"),
    ],
)
def test_nothing_else_deletes(said: Said) -> None:
    assert "lookup_delete" not in meant(said, "lookup_delete", "erase").values
