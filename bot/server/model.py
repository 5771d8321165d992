"""Trains the model and knows whether the one on disk is stale."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Iterator

from bot.errors import AssistantError
from bot.settings import ROOT

MODELS = ROOT / "models"
MODEL = MODELS / "assistant.tar.gz"
FINGERPRINT = MODELS / "assistant.sha256"


class TrainingFailed(AssistantError):
    """Rasa could not train; the message says why."""


def _sources() -> Iterator[Path]:
    yield ROOT / "config.yml"
    yield ROOT / "requirements.txt"
    for pattern in ("data/*.yml", "domain/*.yml", "bot/nlu/*.py", "bot/nlu/encoder_files/*.json"):
        yield from sorted(ROOT.glob(pattern))


def fingerprint() -> str:
    """Returns a hash over everything that a model is made of."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Is there a model, and was it trained from what is here now?"""
    if not MODEL.is_file() or not FINGERPRINT.is_file():
        return False
    return FINGERPRINT.read_text(encoding="ascii").split()[0] == fingerprint()


def train(force: bool = False) -> float:
    """Trains the model unless the one on disk is fresh.

    Args:
        force: train in any case.

    Returns:
        Seconds that it took; 0 when there was nothing to do.

    Raises:
        TrainingFailed: Rasa refused the data.
    """
    if is_fresh() and not force:
        return 0.0
    from rasa.model_training import train as rasa_train

    started = time.monotonic()
    before = fingerprint()
    result = rasa_train(
        domain=str(ROOT / "domain"),
        config=str(ROOT / "config.yml"),
        training_files=[str(ROOT / "data")],
        output=str(MODELS),
        fixed_model_name="assistant",
        force_training=force,
    )
    if result.code != 0 or not MODEL.is_file():
        raise TrainingFailed(f"Rasa ended with code {result.code}; its messages are above.")
    FINGERPRINT.write_text(f"{before}\n", encoding="ascii")
    return time.monotonic() - started
