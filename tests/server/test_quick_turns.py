"""What stands instead of slow parts of Rasa decides as Rasa does, in conversations of every kind."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, List

import pytest
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    Event,
    Restarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from bot.evaluation.enquiry_visitors import all_sets, visit
from bot.evaluation.load_visitors import dialogues
from bot.server.conversation_tracker import ConversationTracker

if TYPE_CHECKING:
    from bot.shell.session import Assistant

VISITORS = 12


class Comparison:
    """Lets Rasa's own policies, with a tracker of Rasa's own, predict beside those of the assistant."""

    def __init__(self, assistant: Assistant) -> None:
        processor = assistant.agent.processor
        assert processor is not None
        self._domain = processor.domain
        self._predict = processor._predict_next_with_tracker
        rules, memorized = (processor.graph_runner.components(kind)[0] for kind in (RulePolicy, MemoizationPolicy))
        self._pairs = [(rules, _as_rasa_made_it(rules)), (memorized, memorized)]
        self._rule_only = rules._get_rule_only_data()
        self.differences: List[Any] = []
        self.compared = 0

    def __call__(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        if not tracker.followup_action:
            plain = DialogueStateTracker.from_events(tracker.sender_id, list(tracker.events), self._domain.slots)
            for own, rasas in self._pairs:
                found, expected = (
                    policy.predict_action_probabilities(to, self._domain, rule_only_data=self._rule_only)
                    for policy, to in ((own, tracker), (rasas, plain))
                )
                self.compared += 1
                if vars(found) != vars(expected):
                    self.differences.append((tracker.events[-1], vars(found), vars(expected)))
        return self._predict(tracker)


def _as_rasa_made_it(policy: RulePolicy) -> RulePolicy:
    rasas = copy.copy(policy)
    assert vars(rasas).pop("_get_possible_keys")
    assert vars(rasas).pop("_prediction_states")
    return rasas


@pytest.fixture
def comparison(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    made = Comparison(assistant)
    monkeypatch.setattr(assistant.agent.processor, "_predict_next_with_tracker", made)
    return made


async def test_every_action_of_ordinary_conversations_is_predicted_as_rasa_would(
    assistant: Assistant, comparison: Comparison
) -> None:
    for dialogue in dialogues():
        conversation = assistant.conversation()
        for message in dialogue:
            await conversation.say(message)
    assert comparison.differences == []
    assert comparison.compared > 2 * sum(map(len, dialogues())), "two policies, for each message and after some actions"


@pytest.mark.usefixtures("only_the_sample_providers")
async def test_every_action_of_an_enquiry_is_predicted_as_rasa_would(assistant: Assistant, comparison: Comparison) -> None:
    for visitor in all_sets()["second"][:VISITORS]:
        await visit(assistant, visitor)
    assert comparison.differences == []
    assert comparison.compared > VISITORS * 10


def test_the_past_is_the_same_whenever_it_is_looked_at(assistant: Assistant) -> None:
    domain = assistant.agent.domain
    assert domain is not None
    happened = [
        ActionExecuted("action_listen"),
        UserUttered("hi", {"name": "greet"}),
        ActionExecuted("action_answer", hide_rule_turn=True),
        SlotSet("topic", "scars"),
        ActionExecuted("action_listen"),
        UserUttered("no wait", {"name": "deny"}),
        SlotSet("topic", None),
        UserUtteranceReverted(),
        ActionExecuted("action_listen"),
        UserUttered("is it safe?", {"name": "safety"}),
        AllSlotsReset(),
        ActionExecuted("action_answer"),
        Restarted(),
        ActionExecuted("action_listen"),
        UserUttered("again", {"name": "repeat_clarify"}),
        ActionExecuted("action_repeat"),
    ]
    looked_at_often = ConversationTracker("visitor", domain.slots)
    for number, event in enumerate(happened, start=1):
        looked_at_often.update(event, domain)
        plain = DialogueStateTracker.from_events("visitor", happened[:number], domain.slots)
        for only_learned in (False, True):
            found, expected = (
                tracker.past_states(domain, ignore_rule_only_turns=only_learned) for tracker in (looked_at_often, plain)
            )
            assert found == expected
        assert looked_at_often.with_last_states(3).past_states(domain) == plain.past_states(domain)[-3:]


@pytest.mark.usefixtures("assistant")
def test_every_kind_of_event_is_read_for_what_it_is() -> None:
    names = {kind.type_name for kind in all_subclasses(Event)} - {None}
    assert {"user", "bot", "action", "slot", "active_loop"} <= names
    for _ in range(2):  # the second time from memory
        assert {name: Event.resolve_by_type(name).type_name for name in names} == {name: name for name in names}
    with pytest.raises(ValueError, match="unheard_of"):
        Event.resolve_by_type("unheard_of")


async def test_rasa_itself_would_fill_no_slot(assistant: Assistant) -> None:
    """Else its step could not be left out; `fills_slots_itself` refuses such a domain at the start."""
    processor = assistant.agent.processor
    conversation = assistant.conversation()
    await conversation.say("please call me back about scars, 780-555-0143")
    tracker = await conversation.tracker()
    before = len(tracker.events)
    await MessageProcessor.run_action_extract_slots(processor, None, tracker)
    assert len(tracker.events) == before


@pytest.mark.filterwarnings("ignore:Slot auto-fill")  # told of every domain with slots
def test_a_domain_with_a_slot_that_rasa_would_fill_is_seen() -> None:
    from bot.server.turn_processor import fills_slots_itself

    mappings = ({"type": "from_text"}, {"type": "custom", "action": "action_name"}, {"type": "custom"})
    domains = [Domain.from_dict({"slots": {"name": {"type": "text", "mappings": [mapping]}}}) for mapping in mappings]
    assert [fills_slots_itself(domain) for domain in domains] == [True, True, False]
