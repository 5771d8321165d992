"""The table and the page of a load test, and what it should have reached."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from bot.evaluation.load_cells import Cell
from bot.evaluation.report import table

TIMES_STOCK, MOST_P95, TIMES_ONE = 5.0, 100.0, 1.7
"""Aims: turns a second beside stock Rasa; milliseconds at `AIMED_VISITORS`; turns a second of two replicas beside one."""
AIMED_VISITORS = 16
READING_SECONDS = 5.0
"""That visitors take who read the answers. An answer has some fifty words, for which most people need longer."""
OWN, STOCK = "assistant", "stock Rasa"
PAGE = "load.md"
PICTURE = "load.png"


class Setup(NamedTuple):
    """One way to run a system, and what was measured of it."""

    system: str
    """OWN, or what the stock model is called."""
    database: str
    replicas: int
    cells: List[Cell]
    """Visitors who write again at once."""
    readers: Optional[Cell] = None
    """`AIMED_VISITORS` who read."""
    share: Optional[float] = None
    """Of a processor that each replica may use; None: as much as there is."""

    @property
    def name(self) -> str:
        """For tables and pictures."""
        replicas = f", {self.replicas} replicas" if self.replicas > 1 else ""
        return f"{self.system}, {self.database}{replicas}{self.limit}"

    @property
    def limit(self) -> str:
        """What each replica may use, for tables and pictures."""
        return f", {self.share:g} processors each" if self.share else ""

    @property
    def best(self) -> Cell:
        """The cell with the most turns a second."""
        return max(self.cells, key=lambda cell: cell.turns_per_second)

    def at(self, visitors: int) -> Optional[Cell]:
        """Returns the cell with so many visitors, if it was measured."""
        return next((cell for cell in self.cells if cell.visitors == visitors), None)


class Measured(NamedTuple):
    """One run of the load test."""

    setups: List[Setup]
    processors: int
    versions: Dict[str, str]
    load_before: float
    """How many processes wanted a processor in the minute before."""
    seconds: float
    """Of each cell."""
    stock_trained_on: Optional[str]


class Aim(NamedTuple):
    """What should be reached, and what was."""

    text: str
    measured: str
    reached: Optional[bool]
    """None when this machine cannot tell."""


def aims(measured: Measured) -> List[Aim]:
    """Returns every aim that the run says something about."""
    own = [setup for setup in measured.setups if setup.system == OWN]
    unlimited = [setup for setup in own if setup.share is None]
    found = [_beside_stock(setup, measured) for setup in unlimited]
    found += [_in_time(setup, cell, how) for setup in unlimited for cell, how in _at_aimed(setup)]
    found += [_replicas(one, two, measured.processors) for one in own for two in own if _doubled(one, two)]
    return [aim for aim in found if aim]


def _doubled(one: Setup, two: Setup) -> bool:
    return (one.replicas, two.replicas) == (1, 2) and (one.database, one.share) == (two.database, two.share)


def _beside_stock(own: Setup, measured: Measured) -> Optional[Aim]:
    stock = next((setup for setup in measured.setups if setup.system != OWN and setup.database == own.database), None)
    if stock is None:
        return None
    text = f"≥ {TIMES_STOCK:g} times stock's turns a second on the same processors, {own.name}, each at its best"
    if not stock.best.turns_per_second:
        return Aim(text, "stock answered nothing", None)
    times = own.best.turns_per_second / stock.best.turns_per_second
    figures = f"{own.best.turns_per_second:.10g} beside {stock.best.turns_per_second:.10g}"
    return Aim(text, f"{times:.1f} times ({figures})", times >= TIMES_STOCK)


def _at_aimed(own: Setup) -> List[Tuple[Cell, str]]:
    cells = [(own.at(AIMED_VISITORS), "who write again at once"), (own.readers, f"who read for {READING_SECONDS:g} s")]
    return [(cell, how) for cell, how in cells if cell]


def _in_time(own: Setup, cell: Cell, how: str) -> Aim:
    text = f"p95 ≤ {MOST_P95:.0f} ms at {AIMED_VISITORS} visitors {how}, {own.name}"
    return Aim(text, _time(cell.p95), cell.p95 is not None and cell.p95 <= MOST_P95)


def _replicas(one: Setup, two: Setup, processors: int) -> Aim:
    text = f"two replicas ≥ {TIMES_ONE:g} times one, {one.database}{one.limit}, each at its best"
    if not one.best.turns_per_second:
        return Aim(text, "one replica answered nothing", None)
    times = two.best.turns_per_second / one.best.turns_per_second
    used = one.best.server_cores + one.best.client_cores
    if times >= TIMES_ONE or used * TIMES_ONE <= processors:
        return Aim(text, f"{times:.2f} times", times >= TIMES_ONE)
    why = f"one replica and its visitors use {used:.2f} of {processors}, so {processors / used:.2f} times is the most"
    return Aim(text, f"{times:.2f} times; the processors do not allow it: {why}", None)


def load_table(setups: Sequence[Setup]) -> List[str]:
    """Returns the table, one line a cell."""
    header = ["system", "visitors", "turns/s", "beside stock", "p50 ms", "p95 ms", "p99 ms", "turns"]
    header += ["no place", "silent", "failed", "visitors' processors", "servers' processors"]
    lines = [
        _line(setup, cell, str(cell.visitors), _times_stock(setup, cell, setups)) for setup in setups for cell in setup.cells
    ]
    lines += [_line(setup, setup.readers, f"{setup.readers.visitors}, reading", "") for setup in setups if setup.readers]
    return table(header, lines)


def _line(setup: Setup, cell: Cell, visitors: str, times_stock: str) -> List[str]:
    figures = [setup.name, visitors, f"{cell.turns_per_second:.10g}", times_stock]
    figures += [_figure(cell.p50), _figure(cell.p95), _figure(cell.p99)]
    figures += [str(count) for count in (cell.turns, cell.refusals, cell.silent, cell.failed)]
    return [*figures, f"{cell.client_cores:.10g}", f"{cell.server_cores:.10g}"]


def _times_stock(setup: Setup, cell: Cell, setups: Sequence[Setup]) -> str:
    for other in setups:
        beside = other.at(cell.visitors)
        comparable = setup.system == OWN and setup.share is None
        if comparable and other.system != OWN and other.database == setup.database and beside:
            return f"{cell.turns_per_second / beside.turns_per_second:.1f} x" if beside.turns_per_second else ""
    return ""


def _figure(value: Optional[float]) -> str:
    return "never" if value is None else f"{value:.10g}"


def _time(value: Optional[float]) -> str:
    return "never" if value is None else f"{value:.10g} ms"


def aim_table(found: Sequence[Aim]) -> List[str]:
    """Returns the table of what should be reached and what was."""
    words = {True: "reached", False: "missed", None: "cannot be told here"}
    return table(["aim", "measured", ""], [[aim.text, aim.measured, words[aim.reached]] for aim in found])


def load_page(measured: Measured) -> List[str]:
    """Returns load.md."""
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    lines = ["# Load", "", *load_table(measured.setups), "", *aim_table(aims(measured)), "", f"![Load]({PICTURE})", ""]
    lines += [f"Measured on {measured.processors} processors, {measured.seconds:g} s a line after a warm-up. {versions}."]
    lines += [
        "The visitors (one process) and PostgreSQL share these processors with the servers; PostgreSQL's are not counted."
    ]
    lines += [f"Load average before the run: {measured.load_before:.1f}; times are only worth comparing when it was near 0."]
    lines += [f"Visitors write again as soon as they are answered; those who read, {READING_SECONDS:g} s after that."]
    lines += ["A failed turn counts as longer than every other one."]
    lines += ["No place: a replica said 503, and the visitor tried again when it had named; that is one turn."]
    if not any(setup.share for setup in measured.setups):
        lines += ["Replicas with a share of a processor each were not measured: this process may not set quotas."]
    if measured.stock_trained_on:
        lines += [f"The stock model was trained on {measured.stock_trained_on}; it has its action server beside it."]
    return lines
