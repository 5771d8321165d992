"""Measures turns without HTTP, in a fresh process: python -m bot.evaluation.in_process OUT [STOCK_ARCHIVE ACTIONS_URL]."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import List, Optional, Tuple

from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig

from bot.errors import AssistantError
from bot.evaluation.latency import Load
from bot.evaluation.servers import environment
from bot.evaluation.visitors import PLANS, Say, visit, warm_up
from bot.settings import ROOT


class MeasurementFailed(AssistantError):
    """The process that measures ended with an error."""


def measure_in_process(folder: Path, stock: Optional[Tuple[Path, str]] = None) -> List[Load]:
    """Runs this module in a process of its own and returns one result a plan.

    Args:
        folder: for its records and its result.
        stock: archive of the stock model and address of its action server; the assistant's own when missing.

    Raises:
        MeasurementFailed: it ended with an error.
    """
    out = folder / "in_process.json"
    command = [sys.executable, "-m", "bot.evaluation.in_process", str(out), *map(str, stock or ())]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, check=False)
    if done.returncode != 0:
        raise MeasurementFailed(done.stderr.decode(errors="replace")[-1500:])
    return [Load(**entry) for entry in json.loads(out.read_text(encoding="utf-8"))]


def own() -> Say:
    """Returns how to say something to the assistant in this process, through its door."""
    from bot.shell.session import Assistant

    assistant = Assistant()

    async def say(conversation: str, message: str) -> int:
        turn = await assistant.say(conversation, message)
        return 0 if turn.failed or turn.refused else len(turn.messages)

    return say


def stock_agent(archive: Path, actions_address: str) -> Say:
    """Returns how to say something to stock Rasa in this process; its actions stay behind HTTP."""
    words = EndpointConfig(type="bot.server.responses.ClinicResponses")
    agent = Agent.load(archive, generator=words, action_endpoint=EndpointConfig(actions_address))

    async def say(conversation: str, message: str) -> int:
        return len(await agent.handle_text(message, sender_id=conversation) or [])

    return say


async def _measure(say: Say) -> List[Load]:
    await warm_up(say)
    return [await visit(say, plan) for plan in PLANS]


def main(arguments: List[str]) -> int:
    """Measures and writes the result."""
    from bot.server.logs import configure_logs

    configure_logs("WARNING")
    out, *stock = arguments
    say = stock_agent(Path(stock[0]), stock[1]) if stock else own()
    loads = asyncio.run(_measure(say))
    Path(out).write_text(json.dumps([load._asdict() for load in loads]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
