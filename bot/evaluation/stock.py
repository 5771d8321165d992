"""Rasa's default pipeline and policies, trained on the assistant's data, to measure beside it.

Training takes 10 to 20 minutes, so the model and what it read are kept under `reports/stock/<hash of the examples>/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

import rasa
from rasa.core.agent import Agent

from bot.errors import AssistantError
from bot.evaluation.predictions import Predictions, predict, read_predictions, write_predictions
from bot.settings import ROOT

CONFIG = Path(rasa.__file__).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
"""The configuration that Rasa itself fills in for those who write none."""
EXAMPLES = ROOT / "data" / "nlu.yml"
MODEL_NAME = "stock"


class StockFailed(AssistantError):
    """Stock Rasa could not be trained; its messages are above."""


class StockModel(NamedTuple):
    """A trained stock assistant."""

    archive: Path
    training_seconds: float
    trained_on: str
    """Date and time, UTC."""

    @property
    def predictions_file(self) -> Path:
        """Where what it read is kept."""
        return self.archive.parent / "predictions.json"


def key() -> str:
    """Returns a hash of the examples and of the stock configuration."""
    digest = hashlib.sha256(EXAMPLES.read_bytes())
    digest.update(CONFIG.read_bytes())
    return digest.hexdigest()[:16]


def stock_model(reports: Path) -> StockModel:
    """Returns the stock model of the examples as they are, trained now if there is none yet.

    Args:
        reports: folder of the reports.

    Raises:
        StockFailed: Rasa could not train it.
    """
    folder = reports / "stock" / key()
    record = folder / "training.json"
    if not record.is_file():
        print(f"Training Rasa's default pipeline and policies on the same data, once: 10 to 20 minutes. Kept in {folder}")
        seconds = train_as_process(CONFIG, folder, MODEL_NAME, quiet=False)
        content = {"training_seconds": seconds, "trained_on": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}
        record.write_text(json.dumps(content), encoding="utf-8")
    return StockModel(folder / f"{MODEL_NAME}.tar.gz", **json.loads(record.read_text(encoding="utf-8")))


def train_as_process(config: Path, out: Path, name: str, quiet: bool) -> float:
    """Trains by Rasa's own command, from nothing, with a cache of its own.

    Args:
        config: pipeline and policies.
        out: folder of the archive.
        name: of the archive, without `.tar.gz`.
        quiet: hide Rasa's progress unless it fails.

    Returns:
        Seconds from the start of the process to its end.

    Raises:
        StockFailed: the command failed or left no archive.
    """
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "rasa", "train", "--force", "--config", str(config), "--out", str(out)]
    command += ["--domain", str(ROOT / "domain"), "--data", str(ROOT / "data"), "--fixed-model-name", name]
    started = time.monotonic()
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(out), stdout=output, stderr=subprocess.STDOUT if quiet else None, check=False
    )
    if done.returncode != 0 or not (out / f"{name}.tar.gz").is_file():
        if done.stdout:
            sys.stderr.write(done.stdout.decode(errors="replace")[-2000:])
        raise StockFailed(f"'rasa train' with {config.name} ended with code {done.returncode}; its messages are above.")
    return time.monotonic() - started


def stock_predictions(model: StockModel, texts: Sequence[str]) -> Predictions:
    """Returns what the stock pipeline reads, from the file kept beside it as far as possible."""
    known = read_predictions(model.predictions_file)
    missing: List[str] = [text for text in texts if text not in known]
    if missing:
        known.update(predict(Agent.load(model.archive), missing))
        write_predictions(model.predictions_file, known)
    return {text: known[text] for text in texts}


def _environment(out: Path) -> Dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    environment.update(RASA_CACHE_DIRECTORY=str(out / "cache"), RASA_TELEMETRY_ENABLED="false", PYTHONPATH=str(ROOT))
    return environment
