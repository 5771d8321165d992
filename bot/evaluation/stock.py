"""Rasa's default pipeline and policies, trained on the assistant's data, to measure beside it.

Training takes hours, so the model and what it read are kept under `reports/stock/<hash of examples and configuration>/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import rasa
import yaml
from rasa.core.agent import Agent

from bot.errors import AssistantError
from bot.evaluation.predictions import Predictions, predict, read_predictions, write_predictions
from bot.settings import ROOT, settings

CONFIG = Path(rasa.__file__).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
"""The configuration that Rasa itself fills in for those who write none."""
EXAMPLES = ROOT / "data" / "nlu.yml"
MODEL_NAME = "stock"
FULL_EPOCHS = 100
SECONDS_AN_EXAMPLE_AND_EPOCH = 0.005
"""Measured on two cores; only to tell a person how long it will take."""


class StockFailed(AssistantError):
    """Stock Rasa could not be trained; its messages are above."""


class StockModel(NamedTuple):
    """A trained stock assistant."""

    archive: Path
    training_seconds: float
    trained_on: str
    """Date and time, UTC."""
    epochs: int
    """Of the intent classifier; Rasa's default is 100."""

    @property
    def name(self) -> str:
        """What the reports call it; fewer epochs than Rasa's default are said in the name."""
        return "stock Rasa" if self.epochs == FULL_EPOCHS else f"stock Rasa, {self.epochs} of {FULL_EPOCHS} epochs"

    @property
    def predictions_file(self) -> Path:
        """Where what it read is kept."""
        return self.archive.parent / "predictions.json"


def stock_config(epochs: int) -> str:
    """Returns Rasa's default configuration as YAML, its intent classifier trained for so many epochs (100 by default)."""
    content: Dict[str, Any] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    for component in content["pipeline"]:
        if "epochs" in component:
            component["epochs"] = epochs
    return str(yaml.safe_dump(content, sort_keys=False))


def key(epochs: int) -> str:
    """Returns a hash of the examples and of the stock configuration."""
    return hashlib.sha256(EXAMPLES.read_bytes() + stock_config(epochs).encode()).hexdigest()[:16]


def stock_model(reports: Path, epochs: Optional[int] = None) -> StockModel:
    """Returns the stock model of the examples as they are, trained now if there is none yet.

    Args:
        reports: folder of the reports.
        epochs: of the intent classifier; STOCK_EPOCHS by default.

    Raises:
        StockFailed: Rasa could not train it.
    """
    wanted = epochs or settings().stock_epochs
    folder = reports / "stock" / key(wanted)
    record = folder / "training.json"
    if not record.is_file():
        print(f"Training Rasa's default pipeline and policies on the same data, once. {_how_long(wanted)} Kept in {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yml").write_text(stock_config(wanted), encoding="utf-8")
        seconds = train_as_process(folder / "config.yml", folder, MODEL_NAME, quiet=False)
        now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        content = {"training_seconds": round(seconds, 1), "trained_on": now, "epochs": wanted}
        record.write_text(json.dumps(content), encoding="utf-8")
    return StockModel(folder / f"{MODEL_NAME}.tar.gz", **json.loads(record.read_text(encoding="utf-8")))


def _how_long(epochs: int) -> str:
    examples = sum(line.startswith("    - ") for line in EXAMPLES.read_text(encoding="utf-8").splitlines())
    minutes = examples * epochs * SECONDS_AN_EXAMPLE_AND_EPOCH / 60
    return f"{examples} examples, {epochs} epochs: about {minutes + 4:.0f} minutes on two cores."


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
    seconds = time.monotonic() - started
    shutil.rmtree(out / "cache", ignore_errors=True)
    return seconds


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
