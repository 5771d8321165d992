"""`python -m bot bench`: speed and memory of the assistant, alone or beside stock Rasa, all measured in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Dict, List, Tuple

import aiohttp

from bot.evaluation.bench_report import Measured, Speed, bench_page, enquiry_table, speed_table
from bot.evaluation.enquiry_speed import EnquirySpeed, form_turns, written_per_second
from bot.evaluation.in_process import measure_in_process
from bot.evaluation.latency import Growth, Load
from bot.evaluation.processes import Running
from bot.evaluation.report import plain
from bot.evaluation.servers import own_server, stock_actions, stock_server
from bot.evaluation.stock import StockModel, stock_model, train_as_process
from bot.evaluation.visitors import PLANS, Say, grow, over_rest, visit, warm_up
from bot.server.model import train
from bot.settings import ROOT

REPORTS = ROOT / "reports"
CONFIG = ROOT / "config.yml"
OWN = "assistant"


def run_bench(stock: bool) -> int:
    """Measures, prints the table and writes bench.json and bench.md.

    Args:
        stock: measure Rasa's default pipeline, policies and action server too.

    Returns:
        Exit code 0.

    Raises:
        ServerFailed: a server did not start.
        StockFailed: a training failed.
    """
    train()
    # Trained before anything is measured: it takes long, and nothing may run beside a measurement.
    beside = stock_model(REPORTS) if stock else None
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        own, form = _measure_own(_folder(temporary, "own"))
        speeds: Dict[str, Speed] = {OWN: own}
        _tell("enquiries written")
        enquiries = EnquirySpeed(written_per_second(_folder(temporary, "enquiries")), form)
        if beside:
            speeds[beside.name] = _measure_stock(_folder(temporary, "stock"), beside)
    measured = Measured(speeds, os.cpu_count() or 1, beside.trained_on if beside else None, load, enquiries)
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / "bench.json").write_text(json.dumps(plain(measured), indent=1), encoding="utf-8")
    (REPORTS / "bench.md").write_text("\n".join(bench_page(measured)) + "\n", encoding="utf-8")
    print("\n".join([*speed_table(speeds), "", *enquiry_table(enquiries)]))
    return 0


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


def _measure_own(folder: Path) -> Tuple[Speed, Load]:
    """Returns the speed of the assistant, and that of the turns of its form."""
    _tell("the training of the assistant, from nothing")
    training = train_as_process(CONFIG, folder / "model", OWN, quiet=True)
    _tell("the assistant in process")
    in_process = measure_in_process(folder)
    _tell("the assistant over REST")
    with own_server(folder) as running:
        return _over_rest(running, in_process, training), asyncio.run(_fill_in_forms(running.address))


async def _fill_in_forms(address: str) -> Load:
    async with aiohttp.ClientSession() as session:
        return await form_turns(session, address)


def _measure_stock(folder: Path, model: StockModel) -> Speed:
    with ExitStack() as stack:
        _tell("stock Rasa in process")
        actions = stack.enter_context(stock_actions(folder))
        in_process = measure_in_process(folder, (model.archive, actions.address))
        _tell("stock Rasa over REST")
        running = stack.enter_context(stock_server(folder, model.archive, actions))
        return _over_rest(running, in_process, model.training_seconds)


def _over_rest(running: Running, in_process: List[Load], training: float) -> Speed:
    idle = running.megabytes()
    rest, growth = asyncio.run(_visit_all(running.address))
    return Speed(in_process, rest, growth, idle, running.megabytes(), running.start_seconds, round(training, 1))


async def _visit_all(address: str) -> Tuple[List[Load], Growth]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        say: Say = over_rest(session, address)
        await warm_up(say)
        return [await visit(say, plan) for plan in PLANS], await grow(say)


def _tell(what: str) -> None:
    print(f"Measuring {what}…", flush=True)
