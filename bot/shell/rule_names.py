"""Which rule or story decided a turn, by its name in data/rules.yml or data/stories.yml.

Rasa records the policy that predicted an action, but not the rule behind it; intent, first action and conditions tell.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional

import yaml

from bot.settings import ROOT

KINDS = {"RulePolicy": "rule", "MemoizationPolicy": "story"}
"""What a policy predicts from."""


class Opening(NamedTuple):
    """The first visitor's turn of a rule or story."""

    kind: str
    name: str
    intents: FrozenSet[str]
    action: str
    slots: Dict[str, Any]
    """Values that it needs before the turn."""


class RuleNames:
    """The rules and stories of a folder."""

    def __init__(self, folder: Path = ROOT / "data") -> None:
        """Reads rules.yml and stories.yml."""
        self._openings = [
            _opening(kind, entry)
            for kind, file, key in (("rule", "rules.yml", "rules"), ("story", "stories.yml", "stories"))
            for entry in yaml.safe_load((folder / file).read_text(encoding="utf-8"))[key]
        ]

    def find(self, policy: str, intent: str, action: str, slots: Mapping[str, Any]) -> Optional[str]:
        """Returns "rule: name" or "story: name", or None when the policy fell back.

        Args:
            policy: that predicted the first action of the turn.
            intent: of the visitor's message.
            action: the first of the turn.
            slots: their values before the turn.
        """
        for opening in self._openings:
            fits = opening.kind == KINDS.get(policy) and intent in opening.intents and action == opening.action
            if fits and all(slots.get(name) == value for name, value in opening.slots.items()):
                return f"{opening.kind}: {opening.name}"
        return None


def _opening(kind: str, entry: Dict[str, Any]) -> Opening:
    slots: Dict[str, Any] = {}
    intents: FrozenSet[str] = frozenset()
    action = ""
    for step in [*entry.get("condition", []), *entry["steps"]]:
        for slot in step.get("slot_was_set", []):
            slots.update(slot)
        intents = intents or _intents(step)
        if "action" in step:
            action = str(step["action"])
            break
    return Opening(kind, str(entry[kind]), intents, action, slots)


def _intents(step: Dict[str, Any]) -> FrozenSet[str]:
    alternatives: List[Dict[str, Any]] = step.get("or", [step])
    return frozenset(str(alternative["intent"]) for alternative in alternatives if "intent" in alternative)
