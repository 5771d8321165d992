"""How many visitors who want to leave an enquiry get it left: simulated ones, in a conversation with the real assistant.

Each visitor of tests/held_out/enquiries/ answers whatever is asked, in words of their own. `python -m
bot.evaluation.enquiry_visitors` prints the figures and writes reports/enquiries.md.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

import yaml
from sqlalchemy import delete, select

from bot.errors import AssistantError
from bot.privacy.encryption import vault
from bot.settings import ROOT
from bot.storage.database import engine, transaction
from bot.storage.models import Attempt, Enquiry, Provider

if TYPE_CHECKING:
    from bot.channels.short_answers import Turn
    from bot.shell.session import Assistant

VISITORS = ROOT / "tests" / "held_out" / "enquiries"
"""One file a set; when each was written, and how it went at first: tests/held_out/README.md"""
MOST_TURNS = 8
PATIENCE = 12
"""Messages after which every visitor has gone."""
ASKED = {
    "utter_enquiry_pick": "choice",
    "utter_enquiry_nobody": "nobody",
    "utter_enquiry_keep": "nobody",
    "utter_enquiry_consent_": "consent",
    "utter_enquiry_shall_i": "consent",
    "utter_offer_": "offer",
}
"""What a visitor is asked, by the start of a response's name; utter_ask_enquiry_<field> asks for a field."""
ASKS_FOR = "utter_ask_enquiry_"
OFFERED = "pass your question on?"
SENT = ("utter_enquiry_sent", "utter_enquiry_waiting")
USUAL = {"offer": "yes please", "nobody": "yes", "consent": "yes", "choice": "the first one", "best_time": "any time"}
"""What visitors say whose file has no words for it."""
PLACES = ("first", "second", "third")
_KEYS = frozenset({"who", "opening", "words", "facts"})


class VisitorsError(AssistantError):
    """The file of visitors is wrong; the message says where."""


class Visitor(NamedTuple):
    """Somebody with an enquiry."""

    who: str
    opening: str
    words: Mapping[str, Sequence[str]]
    """By what is asked: what they say the first time, the second…; the last is said again."""
    facts: Mapping[str, Any]
    """What the enquiry should hold: a value, or a list of those that will do."""


class Visit(NamedTuple):
    """How it went."""

    visitor: Visitor
    said: List[str]
    answers: List[Turn]
    problems: List[str]
    """Why it is no success; empty when it is one."""


def read_visitors(path: Path) -> List[Visitor]:
    """Reads one set of visitors.

    Raises:
        VisitorsError: a key is missing or unknown.
    """
    found = []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
        if set(entry) != _KEYS:
            raise VisitorsError(f"{path.name}, visitor {number}: should have {', '.join(sorted(_KEYS))}")
        words = {asked: [said] if isinstance(said, str) else list(said) for asked, said in entry["words"].items()}
        found.append(Visitor(entry["who"], entry["opening"], words, entry["facts"]))
    return found


def all_sets() -> Dict[str, List[Visitor]]:
    """Returns the sets of visitors by name."""
    return {path.stem: read_visitors(path) for path in sorted(VISITORS.glob("*.yml"))}


def asked_in(turn: Turn) -> Optional[str]:
    """Returns what an answer asks for last, or None."""
    for name, message in zip(reversed(turn.names), reversed(turn.messages)):
        asked = [field for start, field in ASKED.items() if name.startswith(start)]
        if asked or message["text"].endswith(OFFERED):
            return asked[0] if asked else "offer"
        if name.startswith(ASKS_FOR):
            return name.removeprefix(ASKS_FOR)
    return None


async def visit(assistant: Assistant, visitor: Visitor) -> Visit:
    """Plays one visitor to the end, or until their patience is."""
    conversation = assistant.conversation()
    said, answers, times = [visitor.opening], [await conversation.say(visitor.opening)], dict.fromkeys(visitor.words, 0)
    while not _is_sent(answers[-1]) and len(said) < PATIENCE:
        asked = asked_in(answers[-1])
        if asked is None:
            break
        said.append(_words(visitor, asked, times.get(asked, 0)))
        times[asked] = times.get(asked, 0) + 1
        answers.append(await conversation.say(_typed_or_clicked(said[-1], answers[-1])))
    problems = list(_problems(visitor, conversation.id, said, answers))
    await assistant.forget(conversation.id)
    return Visit(visitor, said, answers, problems)


def _is_sent(turn: Turn) -> bool:
    return any(name.startswith(SENT) for name in turn.names)


def _words(visitor: Visitor, asked: str, times: int) -> str:
    words = visitor.words.get(asked)
    if words:
        return words[min(times, len(words) - 1)]
    fact = visitor.facts.get(asked)
    return USUAL.get(asked) or (fact[0] if isinstance(fact, list) else fact) or "skip"


def _typed_or_clicked(words: str, answer: Turn) -> str:
    if not words.startswith("> "):
        return words
    label = words[2:]
    buttons = [button for message in answer.messages for button in message.get("buttons", [])]
    return next((button["payload"] for button in buttons if label.lower() in button["title"].lower()), label)


def _problems(visitor: Visitor, conversation: str, said: Sequence[str], answers: Sequence[Turn]) -> Iterator[str]:
    with transaction(engine()) as session:
        own = select(Enquiry).where(Enquiry.conversation_mark == vault().mark(conversation))
        kept = session.execute(own).scalars().all()
        providers = {provider.id: provider for provider in session.execute(select(Provider)).scalars()}
        if len(kept) != 1:
            yield f"{len(kept)} enquiries were kept"
            return
        yield from _wrong_facts(visitor.facts, _held(kept[0], providers, _shown(answers)))
    if len(said) > MOST_TURNS:
        yield f"it took {len(said)} turns"


def _held(enquiry: Enquiry, providers: Mapping[int, Provider], shown: Sequence[str]) -> Dict[str, List[str]]:
    """Returns what an enquiry holds, by the name of the fact; several ways to say the same."""
    provider = providers.get(enquiry.provider_id)
    names = [provider.key] if provider else ["team"]
    if provider and len(shown) == 1:
        names += PLACES  # where there is only one, nobody is asked to pick
    elif provider and provider.legal_name in shown:
        names.append(PLACES[shown.index(provider.legal_name)])
    return {
        "kind": [enquiry.kind],
        "concern": [enquiry.concern],
        "town": [enquiry.town],
        "contact_kind": [enquiry.contact_kind],
        "first_name": [vault().open(enquiry.first_name_sealed)],
        "contact": [vault().open(enquiry.contact_sealed)],
        "provider": [*names, "anyone"] if enquiry.may_pass_on or len(shown) == 1 else names,
    }


def _shown(answers: Sequence[Turn]) -> List[str]:
    """Returns the names of the providers that were shown last, in order."""
    for turn in reversed(answers):
        listed = [m["text"] for n, m in zip(turn.names, turn.messages) if n.startswith("utter_enquiry_provider")]
        if listed:
            return [text.partition(". ")[2].partition(",")[0] for text in listed if text[0].isdigit()]
    return []


def _wrong_facts(facts: Mapping[str, Any], held: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for fact, wanted in facts.items():
        if not set(wanted if isinstance(wanted, list) else [wanted]) & set(held[fact]):
            yield f"{fact} should be {wanted}, and is {held[fact][0] if held[fact] else 'nothing'}"


async def visit_all(assistant: Assistant, visitors: Sequence[Visitor]) -> List[Visit]:
    """Plays the visitors of a set, one after another."""
    with transaction(engine()) as session:  # those of another set share made-up numbers, and so the hourly limit
        session.execute(delete(Attempt), execution_options={"synchronize_session": False})
    return [await visit(assistant, visitor) for visitor in visitors]


def main() -> int:
    """Plays the visitors on a database of its own, prints, and fails when too few succeed."""
    from bot.evaluation.enquiry_report import BAR, share_of_success, write_report

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="visitors-") as folder:
        # Before the first setting is read: the actions take those of the process.
        os.environ.update(DATA_FOLDER=folder, DATABASE_URL=f"sqlite:///{folder}/assistant.db")
        visits = asyncio.run(_visit_sets(_assistant()))
        engine().dispose()
    print(write_report(visits))
    return int(share_of_success([visit for of_set in visits.values() for visit in of_set]).value < BAR)


async def _visit_sets(assistant: Assistant) -> Dict[str, List[Visit]]:
    return {name: await visit_all(assistant, visitors) for name, visitors in all_sets().items()}


def _assistant() -> Assistant:
    from bot.clock import now
    from bot.handoff.samples import load_samples
    from bot.server.logs import configure_logs
    from bot.shell.session import Assistant

    configure_logs("ERROR")
    with transaction(engine()) as session:
        load_samples(session, now().date())
    return Assistant()


if __name__ == "__main__":
    sys.exit(main())
