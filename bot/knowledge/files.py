"""Reads the data files of the assistant as they are on disk, without Rasa."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set

import yaml

from bot.settings import ROOT


class Block(NamedTuple):
    """Training examples that share an intent and metadata."""

    intent: str
    facet: Optional[str]
    urgency: Optional[str]
    examples: List[str]


def _documents(root: Path, folder: str) -> Iterator[Dict[str, Any]]:
    for path in sorted((root / folder).glob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


def examples(root: Path = ROOT) -> List[Block]:
    """Returns the blocks of data/nlu.yml."""
    content = yaml.safe_load((root / "data" / "nlu.yml").read_text(encoding="utf-8"))
    blocks = []
    for block in content["nlu"]:
        metadata = block.get("metadata") or {}
        lines = [line.removeprefix("- ") for line in block["examples"].splitlines() if line.strip()]
        blocks.append(Block(block["intent"], metadata.get("facet"), metadata.get("urgency"), lines))
    return blocks


def responses(root: Path = ROOT) -> Dict[str, List[Dict[str, Any]]]:
    """Returns the variations of every response of the domain."""
    return {name: found for part in _documents(root, "domain") for name, found in (part.get("responses") or {}).items()}


@lru_cache(maxsize=1)
def texts() -> Dict[str, str]:
    """Returns the first text of every response, as it was when it was first asked for; reading them takes 0.1 s."""
    return {name: str(variations[0]["text"]) for name, variations in responses().items()}


def intents(root: Path = ROOT) -> List[str]:
    """Returns the intents of the domain."""
    return [str(intent) for part in _documents(root, "domain") for intent in part.get("intents") or []]


def intents_with_a_turn(root: Path = ROOT) -> Set[str]:
    """Returns the intents that a rule or story mentions."""
    found: Set[str] = set()
    for part in _documents(root, "data"):
        for path in [*(part.get("rules") or []), *(part.get("stories") or [])]:
            for step in path["steps"]:
                found.update(choice["intent"] for choice in step.get("or", [step]) if "intent" in choice)
    return found


def response_names_in_code(root: Path = ROOT) -> Set[str]:
    """Returns every response that an action, a channel, a rule or a story names."""
    paths = [*(root / "actions").glob("*.py"), *(root / "bot").rglob("*.py"), *(root / "data").glob("*.yml")]
    return {name for path in paths for name in re.findall(r"utter_[a-z_]+", path.read_text(encoding="utf-8"))}
