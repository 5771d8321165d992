"""Finds the rules that fit a conversation by an index.

Rasa compares every rule with every state of a conversation, and copies the states for its debug log. A rule is about what
was said and done last; so those that can fit are looked up by it, and no more states are looked at than the longest has.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from bot.server.conversation_tracker import ConversationTracker

Last = Tuple[Optional[str], Optional[str]]
"""Action and intent of a state, None where it has none."""


class RuleSearch:
    """The rules of a trained policy by what they say of the last state."""

    def __init__(self, policy: RulePolicy) -> None:
        """Takes a loaded policy."""
        self._policy = policy
        self._indices: Dict[int, Dict[Last, List[str]]] = {}
        tables = [table for table in policy.lookup.values() if isinstance(table, dict)]
        for table in tables:
            index: Dict[Last, List[str]] = defaultdict(list)
            for key in table:
                index[_last(policy._rule_key_to_state(key)[-1])].append(key)
            self._indices[id(table)] = dict(index)
        self._longest = max(len(policy._rule_key_to_state(key)) for table in tables for key in table)

    @classmethod
    def instead_of(cls, policy: RulePolicy) -> None:
        """Lets a policy search by an index from now on."""
        search = cls(policy)
        vars(policy).update(_get_possible_keys=search.possible_keys, _prediction_states=search.last_states)

    def possible_keys(self, table: Dict[str, str], states: List[State]) -> Set[str]:
        """Returns the keys of the rules that fit.

        Args:
            table: one of the policy's.
            states: of the conversation, the last one at the end.
        """
        index = self._indices[id(table)]
        keys = {key for last in _fitting(states[-1]) for key in index.get(last, [])}
        for back, state in enumerate(reversed(states)):
            keys = {key for key in keys if self._policy._is_rule_applicable(key, back, state)}
        return keys

    def last_states(self, tracker: DialogueStateTracker, *args: Any, **kwargs: Any) -> List[State]:
        """Returns the states that a rule can be about; the arguments are those of `Policy._prediction_states`."""
        view = tracker.with_last_states(self._longest) if isinstance(tracker, ConversationTracker) else tracker
        return RulePolicy._prediction_states(self._policy, view, *args, **kwargs)[-self._longest :]


def _last(state: State) -> Last:
    """Returns what a rule wants of the last state; at the start of a conversation it asks for nothing else."""
    action = _wanted(state, PREVIOUS_ACTION, ACTION_NAME)
    return action, None if PREVIOUS_ACTION not in state else _wanted(state, USER, INTENT)


def _wanted(state: State, part: str, name: str) -> Optional[str]:
    value = state.get(part, {}).get(name)
    return None if value == SHOULD_NOT_BE_SET or not isinstance(value, str) else value


def _fitting(state: State) -> Iterator[Last]:
    """Returns what rules may want that fit a state."""
    action, intent = _wanted(state, PREVIOUS_ACTION, ACTION_NAME), _wanted(state, USER, INTENT)
    for wanted_action in {action, None}:
        for wanted_intent in {intent, None}:
            yield wanted_action, wanted_intent
