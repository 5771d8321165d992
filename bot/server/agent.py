"""Loads the trained model into a Rasa agent that runs its own actions, words and conversation store."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from threadpoolctl import threadpool_limits

from bot.errors import AssistantError
from bot.server.actions_in_process import InProcessActions
from bot.server.conversation_rows import ConversationRows
from bot.server.graph_runner import DirectGraphRunner
from bot.server.lock_store import AdvisoryLockStore, lock_store
from bot.server.responses import ClinicResponses
from bot.server.rule_search import RuleSearch
from bot.server.tracker_store import BoundedTrackerStore
from bot.server.turn_processor import TurnProcessor, fills_slots_itself
from bot.settings import Settings
from bot.storage.database import engine
from bot.storage.postgresql import is_postgresql

ACTIONS_PACKAGE = "actions"
_class_of_event = cache(Event.resolve_by_type)


class NotReady(AssistantError):
    """The assistant cannot start; the message says why."""


def load_agent(model: Path, settings: Settings) -> Agent:
    """Returns an agent that is ready to answer.

    Rasa's `load_agent` swallows a model that cannot be loaded, and its `Agent` wraps the store in one that loses turns
    when the store fails; both are avoided here.

    Args:
        model: the trained archive.
        settings: of this process.

    Raises:
        NotReady: the model is missing, a part is not the assistant's own, or the domain names an action that nobody wrote.
    """
    if not model.is_file():
        raise NotReady(f"There is no trained model at {model}. Run 'make train'.")
    threadpool_limits(1, user_api="blas")  # two threads for one product of a sentence wait for each other, and that busily
    actions = InProcessActions(ACTIONS_PACKAGE, settings.action_timeout_seconds)
    store = BoundedTrackerStore(ConversationRows(engine()), conversations_kept=settings.conversations_kept)
    agent = Agent(
        generator=ClinicResponses(),
        tracker_store=store,
        lock_store=lock_store(engine(), settings),
        action_endpoint=actions,
    )
    agent.tracker_store = store
    agent.load_model(model)
    _assert_complete(agent, actions)
    _quicken(agent)
    return agent


def _quicken(agent: Agent) -> None:
    """Replaces what takes long in Rasa by what does the same in less time (docs/decisions/dialogue.md)."""
    Event.resolve_by_type = staticmethod(_class_of_event)  # else all classes are looked through for each event
    Slot.__copy__ = _copied  # thirty slots are copied with every copy of a conversation
    processor = agent.processor = TurnProcessor.instead_of(agent.processor)
    runner = processor.graph_runner = DirectGraphRunner.instead_of(processor.graph_runner)
    for policy in runner.components(RulePolicy):
        RuleSearch.instead_of(policy)


def _copied(slot: Slot) -> Slot:
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


def _assert_complete(agent: Agent, actions: InProcessActions) -> None:
    """Rasa puts parts of its own in the place of those that it cannot load, and says so in the log at best."""
    if agent.processor is None:
        raise NotReady("Rasa could not load the model.")
    processor = agent.processor
    locks = AdvisoryLockStore if is_postgresql(engine()) else InMemoryLockStore
    _assert_own("conversation store", BoundedTrackerStore, processor.tracker_store, agent.tracker_store)
    _assert_own("lock store", locks, processor.lock_store, agent.lock_store)
    _assert_own("response generator", ClinicResponses, processor.nlg, agent.nlg)
    _assert_own("place of the actions", InProcessActions, processor.action_endpoint, agent.action_endpoint)
    _assert_own("event broker", type(None), processor.tracker_store.event_broker)  # what is said goes nowhere else
    if fills_slots_itself(processor.domain):
        raise NotReady("A slot has a mapping by which Rasa would fill it, and none is looked at: use type custom.")
    named = {name for name in processor.domain.user_actions if name.startswith("action_")}
    missing = named - actions.action_names
    if missing:
        raise NotReady(f"The domain names actions that nobody wrote: {', '.join(sorted(missing))}.")


def _assert_own(what: str, kind: type, *parts: object) -> None:
    for part in parts:
        if type(part) is not kind:
            raise NotReady(f"The {what} is a {type(part).__name__} instead of the assistant's own {kind.__name__}.")
