"""`python -m bot bench-load`: turns a second and waiting times under load, alone or beside stock Rasa."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sqlite3
import tempfile
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from bot.evaluation.databases import new_database, observer, postgresql_server, version
from bot.evaluation.load_cells import Cell, measure_cell
from bot.evaluation.load_pictures import draw_load
from bot.evaluation.load_report import (
    AIMED_VISITORS,
    OWN,
    PAGE,
    PICTURE,
    READING_SECONDS,
    Measured,
    Setup,
    aim_table,
    aims,
    load_page,
    load_table,
)
from bot.evaluation.load_visitors import Line, open_session, warm_up
from bot.evaluation.processes import Running
from bot.evaluation.report import plain
from bot.evaluation.servers import own_server, stock_actions, stock_server
from bot.evaluation.shares import quotas, shared
from bot.evaluation.stock import StockModel, stock_model
from bot.server.model import train
from bot.settings import ROOT

REPORTS = ROOT / "reports"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
SHARE = 0.5
"""Of a processor: of a machine with two, as much is left to the database and the visitors as two replicas use."""


class LoadPlan(NamedTuple):
    """What is measured."""

    visitors: Sequence[int]
    """At once; one cell each."""
    seconds: float
    """Of each cell."""
    stock: bool
    """Rasa's default pipeline, policies, action server and SQL tracker store too."""


def run_bench_load(plan: LoadPlan, reports: Path = REPORTS) -> int:
    """Measures, prints the tables and writes load.json, load.md and load.png.

    Args:
        plan: what is measured.
        reports: folder that the results go to.

    Returns:
        Exit code 0.

    Raises:
        ServerFailed: a server did not start.
        StockFailed: the stock model could not be trained.
    """
    train()
    # Trained before anything is measured: it takes long, and nothing may run beside a measurement.
    beside = stock_model(REPORTS) if plan.stock else None
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-load-")))
        server = stack.enter_context(postgresql_server())
        setups = [_own_on_sqlite(folder, plan), *_own_on_postgresql(folder, new_database(server, "own"), plan)]
        versions = {**_versions(), POSTGRESQL: version(observer(server))}
        if beside:
            setups.append(_stock(folder, beside, SQLITE, f"sqlite:///{folder / 'stock.db'}", plan))
            setups.append(_stock(folder, beside, POSTGRESQL, new_database(server, "stock"), plan))
    measured = Measured(setups, os.cpu_count() or 1, versions, load, plan.seconds, beside.trained_on if beside else None)
    _write(measured, reports)
    print("\n".join([*load_table(setups), "", *aim_table(aims(measured))]))
    return 0


def _versions() -> Dict[str, str]:
    packages = {"Rasa": "rasa", "SQLAlchemy": "SQLAlchemy", "ONNX Runtime": "onnxruntime"}
    return {
        platform.system(): platform.release(),
        "Python": platform.python_version(),
        **{name: metadata.version(package) for name, package in packages.items()},
        SQLITE: sqlite3.sqlite_version,
    }


def _write(measured: Measured, reports: Path) -> None:
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "load.json").write_text(json.dumps(plain(measured), indent=1), encoding="utf-8")
    (reports / PAGE).write_text("\n".join(load_page(measured)) + "\n", encoding="utf-8")
    draw_load(reports / PICTURE, measured.setups)


def _own_on_sqlite(parent: Path, plan: LoadPlan) -> Setup:
    with own_server(_folder(parent, "sqlite")) as server:
        return _measure(OWN, SQLITE, [server], plan)


def _own_on_postgresql(parent: Path, database: str, plan: LoadPlan) -> List[Setup]:
    """Measures one replica, then two; the second shares the keys that the first has made."""
    own = {"DATABASE_URL": database, "DATA_FOLDER": str(parent / "shared"), "WORKER_IN_SERVER": "false"}
    with ExitStack() as stack:
        first = stack.enter_context(own_server(_folder(parent, "first"), **own))
        one = _measure(OWN, POSTGRESQL, [first], plan)
        second = stack.enter_context(own_server(_folder(parent, "second"), **own))
        return [one, _measure(OWN, POSTGRESQL, [first, second], plan), *_with_shares(first, second, plan)]


def _with_shares(first: Running, second: Running, plan: LoadPlan) -> List[Setup]:
    """Measures one replica and two of which each has its share of a processor, whatever else the machine does."""
    place = quotas()
    if place is None:
        return []
    with shared([first, second], SHARE, place):
        return [_measure(OWN, POSTGRESQL, servers, plan, SHARE) for servers in ([first], [first, second])]


def _stock(parent: Path, model: StockModel, kind: str, database: str, plan: LoadPlan) -> Setup:
    folder = _folder(parent, f"stock-{kind}")
    with (
        stock_actions(folder) as actions,
        stock_server(folder, model.archive, actions, database) as server,
    ):
        return _measure(model.name, kind, [server], plan)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _measure(system: str, database: str, servers: List[Running], plan: LoadPlan, share: Optional[float] = None) -> Setup:
    setup = Setup(system, database, len(servers), [], share=share)
    print(f"Measuring {setup.name}…", flush=True)
    cells, readers = asyncio.run(_cells(servers, plan, with_readers=share is None))
    return setup._replace(cells=cells, readers=readers)


async def _cells(servers: List[Running], plan: LoadPlan, with_readers: bool) -> Tuple[List[Cell], Optional[Cell]]:
    async with open_session() as session:
        for server in servers:
            await warm_up(Line(session, [server.address]))
        line = Line(session, [server.address for server in servers])
        readers = None
        if with_readers:
            readers = await measure_cell(line, servers, AIMED_VISITORS, 2 * plan.seconds, READING_SECONDS)
        return [await measure_cell(line, servers, visitors, plan.seconds) for visitors in plan.visitors], readers
