"""What a pipeline reads in a message, in the form that the scores need; from the assistant or from stock Rasa."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot.channels.door import clean
from bot.nlu.urgency import CRISIS, NONE, SYMPTOM

URGENT = (SYMPTOM, CRISIS)


class Prediction(NamedTuple):
    """How one message was read."""

    intent: str
    confidence: float
    questions: Tuple[str, ...]
    """Intents of all questions, in order, when there are several; otherwise empty."""
    urgency: str
    """none, amber, urgent_symptom or urgent_crisis."""
    symptom: Optional[float]
    """Highest log-odds of a physical emergency over all parts of the message; None where a pipeline has no such head."""
    crisis: Optional[float]

    @property
    def read(self) -> Tuple[str, ...]:
        """The intents of the message, at least one."""
        return self.questions or (self.intent,)

    @property
    def is_urgent(self) -> bool:
        """Would the visitor get an emergency script?"""
        return self.urgency in URGENT


Predictions = Dict[str, Prediction]
"""By the text of the message."""


def from_parse(parsed: Dict[str, Any]) -> Prediction:
    """Returns the prediction in a parse result of Rasa; a pipeline without an urgency head is taken at its intent."""
    intent = str(parsed["intent"]["name"])
    trace: List[Dict[str, Any]] = parsed.get("trace") or []
    return Prediction(
        intent=intent,
        confidence=float(parsed["intent"]["confidence"]),
        questions=tuple(parsed.get("questions") or ()),
        urgency=str(parsed.get("urgency", intent if intent in URGENT else NONE)),
        symptom=max((float(part["symptom"]) for part in trace), default=None),
        crisis=max((float(part["crisis"]) for part in trace), default=None),
    )


def predict(agent: Agent, texts: Iterable[str]) -> Predictions:
    """Reads messages one by one, cleaned as the door cleans them.

    Args:
        agent: with a loaded model.
        texts: the messages.
    """

    async def read() -> Predictions:
        processor = agent.processor
        assert processor is not None, "the agent has no model"  # nosec B101 # load_agent has asserted it
        return {text: from_parse(await processor.parse_message(UserMessage(clean(text)))) for text in texts}

    return asyncio.run(read())


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Writes one JSON object, by message."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {text: prediction._asdict() for text, prediction in predictions.items()}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def read_predictions(path: Path) -> Predictions:
    """Reads what `write_predictions` wrote; nothing when the file is missing."""
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return {text: Prediction(**{**entry, "questions": tuple(entry["questions"])}) for text, entry in content.items()}
