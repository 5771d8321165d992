"""Trains the model, and knows whether the one on disk is stale, or is not the one that was trained: an archive is code."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Iterator

from bot.errors import AssistantError
from bot.settings import ROOT

MODELS = ROOT / "models"
MODEL = MODELS / "assistant.tar.gz"
NOTE = MODELS / "assistant.sha256"
"""What the archive was made of, and its own SHA-256."""


class WrongModel(AssistantError):
    """The model on disk is not to be loaded; the message says why."""


class TrainingFailed(AssistantError):
    """Rasa could not train; the message says why."""


def sources() -> Iterator[Path]:
    """Returns the files that a model is made of."""
    yield ROOT / "config.yml"
    yield ROOT / "requirements.txt"
    for pattern in ("data/*.yml", "domain/*.yml", "bot/nlu/*.py", "bot/nlu/encoder_files/*.json"):
        yield from sorted(ROOT.glob(pattern))


def fingerprint() -> str:
    """Returns a hash over everything that a model is made of."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Is there a model, was it trained from what is here now, and is it still the same?"""
    try:
        check()
    except WrongModel:
        return False
    return True


def check() -> None:
    """Makes sure that the model on disk may be loaded.

    Raises:
        WrongModel: it is missing, was changed since it was trained, or was trained from other files than those here.
    """
    if not MODEL.is_file() or not NOTE.is_file():
        raise WrongModel(f"{MODEL}: there is no trained model. Run 'make train', or build the image anew.")
    made_of, archive = [*NOTE.read_text(encoding="ascii").split(), "", ""][:2]
    if archive != _sha256(MODEL):
        raise WrongModel(f"{MODEL}: is not the archive that was trained: its SHA-256 is not the one noted in {NOTE.name}.")
    if made_of != fingerprint():
        raise WrongModel(f"{MODEL}: was trained from other examples, rules or code than those here.")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
    NOTE.write_text(f"{before}\n{_sha256(MODEL)}\n", encoding="ascii")
    return time.monotonic() - started
