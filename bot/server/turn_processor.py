"""Rasa's processor without the steps that change nothing here.

Rasa copies the conversation and most of what it handles for a debug log, looks through all slots for such as a message would
fill by itself, and builds an empty domain to see whether its own is empty. Together that took as long as the dialogue itself
(docs/decisions/dialogue.md).
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.actions.action import Action, ActionListen
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, Event
from rasa.shared.core.slot_mappings import SlotMappingType
from rasa.shared.core.trackers import DialogueStateTracker


class TurnProcessor(MessageProcessor):
    """Takes a turn; see the base class."""

    @classmethod
    def instead_of(cls, processor: MessageProcessor) -> TurnProcessor:
        """Returns a processor with the model and the parts of the given one."""
        made = cls.__new__(cls)
        made.__dict__.update(vars(processor))
        return made

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """Returns the tracker as it is: `fills_slots_itself` says that Rasa would find nothing."""
        return tracker

    def _check_for_unseen_features(self, parse_data: Dict[str, Any]) -> None:
        """Leaves it to `bot check` whether the intents of the examples are those of the domain."""

    def _log_slots(self, tracker: DialogueStateTracker) -> None:
        """Logs nothing: slots hold what visitors said."""

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Runs an action as the base class does; to listen is only noted."""
        if not isinstance(action, ActionListen):
            return await super()._run_action(action, tracker, output_channel, nlg, prediction)
        self._log_action_on_tracker(tracker, action, [], prediction)
        return False

    def _log_action_on_tracker(
        self, tracker: DialogueStateTracker, action: Action, events: Optional[List[Event]], prediction: PolicyPrediction
    ) -> None:
        """Adds an action and its events to the conversation as the base class does, which copies them for its debug log."""
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)


def fills_slots_itself(domain: Domain) -> bool:
    """Does a message fill a slot without an action of ours, or an action on behalf of Rasa's own?"""
    mappings = [mapping for slot in domain.slots for mapping in slot.mappings]
    return any(mapping["type"] != str(SlotMappingType.CUSTOM) or "action" in mapping for mapping in mappings)
