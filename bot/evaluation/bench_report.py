"""The table of a benchmark."""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from bot.evaluation.enquiry_speed import EnquirySpeed
from bot.evaluation.latency import Growth, Load
from bot.evaluation.report import table


class Speed(NamedTuple):
    """What was measured of one system."""

    in_process: List[Load]
    rest: List[Load]
    growth: Growth
    """Over REST."""
    megabytes_idle: float
    """Resident memory after the start, of all its processes."""
    megabytes_busy: float
    """After all messages."""
    start_seconds: float
    training_seconds: float
    """`rasa train --force`, from the start of the process to its end."""


class Measured(NamedTuple):
    """One run of the benchmark."""

    speeds: Dict[str, Speed]
    """By system; the assistant first."""
    processors: int
    stock_trained_on: Optional[str]
    load_before: float
    """How many processes wanted a processor in the minute before; a busy machine makes every time longer."""
    enquiries: EnquirySpeed
    """Of the assistant."""


class Row(NamedTuple):
    """One figure of one system."""

    name: str
    value: float
    unit: str
    more_is_better: bool = False


def rows_of(speed: Speed) -> List[Row]:
    """Returns every figure, in the order of the table."""
    rows: List[Row] = []
    for where, loads in (("in process", speed.in_process), ("over REST", speed.rest)):
        for load in loads:
            who = f"{where}, {load.visitors} visitor{'s' if load.visitors > 1 else ''}"
            percentiles: Tuple[Tuple[str, float], ...] = (("p50", load.p50), ("p95", load.p95), ("p99", load.p99))
            rows += [Row(f"{who}: {name}", value, "ms") for name, value in percentiles]
            rows.append(Row(f"{who}: messages a second", load.messages_per_second, "/s", more_is_better=True))
    growth = speed.growth
    rows += [Row(f"turn {growth.early_turn} of a conversation", growth.early, "ms")]
    rows += [Row(f"turn {growth.late_turn} of a conversation", growth.late, "ms")]
    rows += [
        Row("memory after the start", speed.megabytes_idle, "MB"),
        Row("memory after the run", speed.megabytes_busy, "MB"),
    ]
    rows += [Row("start-up", speed.start_seconds, "s"), Row("training", speed.training_seconds, "s")]
    unanswered = sum(load.unanswered for load in (*speed.in_process, *speed.rest))
    return [*rows, Row("messages without a reply", float(unanswered), "")]


def compare(own: Row, stock: Row) -> str:
    """Says how a figure of the assistant stands beside stock Rasa's: `3.1 times better (32 % of stock)`."""
    if not own.value or not stock.value:
        return ""
    share = own.value / stock.value
    better = share if own.more_is_better else 1 / share
    word = f"{better:.1f} times better" if better >= 1 else f"{1 / better:.1f} times worse"
    return f"{word} ({100 * share:.0f} % of stock)"


def speed_table(speeds: Mapping[str, Speed]) -> List[str]:
    """Returns the table, one column a system, and how they compare when there are two."""
    columns = [rows_of(speed) for speed in speeds.values()]
    beside = ["beside stock"] if len(columns) == 2 else []
    lines = []
    for entries in zip(*columns):
        compared = [compare(*entries)] if beside else []
        lines.append([entries[0].name, *[f"{entry.value:.10g} {entry.unit}".strip() for entry in entries], *compared])
    return table(["figure", *speeds, *beside], lines)


def enquiry_table(measured: EnquirySpeed) -> List[str]:
    """Returns the table of what enquiries cost."""
    form = measured.form
    rows = [[f"enquiries written, {where}", f"{value:.10g} /s"] for where, value in measured.per_second.items()]
    rows += [
        [f"a turn of the form over REST: {name}", f"{value:.10g} ms"]
        for name, value in (("p50", form.p50), ("p95", form.p95), ("p99", form.p99))
    ]
    return table(["enquiries", "assistant"], rows)


def bench_page(measured: Measured) -> List[str]:
    """Returns bench.md."""
    lines = ["# Speed and memory", "", *speed_table(measured.speeds), "", *enquiry_table(measured.enquiries), ""]
    lines += [f"Measured on {measured.processors} processors, with the visitors on the same machine as the server."]
    lines += [f"Load average before the run: {measured.load_before:.1f}; times are only worth comparing when it was near 0."]
    if measured.stock_trained_on:
        lines += [f"The stock model was trained on {measured.stock_trained_on}; everything else in this run."]
    return lines
