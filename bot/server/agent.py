"""Loads the trained model into a Rasa agent that runs its own actions, words and conversation store."""

from __future__ import annotations

from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore

from bot.errors import AssistantError
from bot.server.actions_in_process import InProcessActions
from bot.server.conversation_rows import ConversationRows
from bot.server.graph_runner import DirectGraphRunner
from bot.server.responses import ClinicResponses
from bot.server.tracker_store import BoundedTrackerStore
from bot.settings import Settings
from bot.storage.database import engine

ACTIONS_PACKAGE = "actions"


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
        NotReady: the model is missing, or the domain names an action that nobody wrote.
    """
    if not model.is_file():
        raise NotReady(f"There is no trained model at {model}. Run 'make train'.")
    actions = InProcessActions(ACTIONS_PACKAGE, settings.action_timeout_seconds)
    store = BoundedTrackerStore(ConversationRows(engine()), conversations_kept=settings.conversations_kept)
    agent = Agent(
        generator=ClinicResponses(),
        tracker_store=store,
        lock_store=InMemoryLockStore(),
        action_endpoint=actions,
    )
    agent.tracker_store = store
    agent.load_model(model)
    _assert_complete(agent, actions)
    agent.processor.graph_runner = DirectGraphRunner.instead_of(agent.processor.graph_runner)
    return agent


def _assert_complete(agent: Agent, actions: InProcessActions) -> None:
    if agent.processor is None or not isinstance(agent.processor.tracker_store, BoundedTrackerStore):
        raise NotReady("The conversation store is not the assistant's own.")
    if not isinstance(agent.nlg, ClinicResponses):
        raise NotReady("The response generator is not the assistant's own.")
    named = {name for name in agent.processor.domain.user_actions if name.startswith("action_")}
    missing = named - actions.action_names
    if missing:
        raise NotReady(f"The domain names actions that nobody wrote: {', '.join(sorted(missing))}.")
