"""A worker of a process of its own that kills itself with SIGKILL at one step; for bot.evaluation.killed_deliveries."""

from __future__ import annotations

import argparse
import os
import signal
from datetime import datetime

from bot.handoff.delivery import STEPS
from bot.handoff.letters import House
from bot.handoff.outbox import Claim
from bot.handoff.worker import work_once
from bot.settings import Clinic, settings
from bot.storage.database import make_engine

NOWHERE = "nowhere"


def main() -> None:
    """Sends what is due at a given time in the database of the settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True, help="the time for this worker")
    parser.add_argument("--kill-at", choices=[*STEPS, NOWHERE], required=True)
    arguments = parser.parse_args()

    def die(step: str, claimed: Claim) -> None:
        if step == arguments.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    house = House(settings(), Clinic(name="Sample Clinic", town="Grande Prairie"))
    print("ready", flush=True)
    work_once(make_engine(settings().database), house, lambda: arguments.at, die)


if __name__ == "__main__":
    main()
