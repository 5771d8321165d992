"""The agent starts only with the assistant's own parts: Rasa would put others in their place without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bot.shell.session import Assistant


class Other:
    """Not what belongs there."""


def test_the_assistants_own_parts_are_complete(assistant: Assistant) -> None:
    from bot.server.agent import _assert_complete

    _assert_complete(assistant.agent, assistant.agent.action_endpoint)


@pytest.mark.parametrize(
    ("owner", "part", "told"),
    [
        ("agent", "tracker_store", "conversation store"),
        ("processor", "tracker_store", "conversation store"),
        ("agent", "lock_store", "lock store"),
        ("processor", "lock_store", "lock store"),
        ("agent", "nlg", "response generator"),
        ("processor", "action_endpoint", "place of the actions"),
        ("tracker_store", "event_broker", "event broker"),
    ],
)
def test_a_part_of_another_class_is_named_with_its_class(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, owner: str, part: str, told: str
) -> None:
    from bot.server.agent import NotReady, _assert_complete

    agent = assistant.agent
    owners: dict[str, Any] = {
        "agent": agent,
        "processor": agent.processor,
        "tracker_store": agent.processor.tracker_store,
    }
    monkeypatch.setattr(owners[owner], part, Other())
    with pytest.raises(NotReady, match=f"The {told} is a Other"):
        _assert_complete(agent, agent.action_endpoint)
