"""Writes the figures down: eval.json for programs, eval.md for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from bot.evaluation.gate import BARS, Bars, Figures, checks
from bot.evaluation.public_sets import PublicResult
from bot.evaluation.question_scores import Share


class Evaluation(NamedTuple):
    """Everything that one run found."""

    pipelines: Dict[str, Figures]
    """By name; the assistant's own first."""
    public_sets: List[PublicResult]


def plain(value: Any) -> Any:
    """Returns named tuples as dictionaries, and a share as hits, of and value, all the way down."""
    if isinstance(value, Share):
        return {"hits": value.hits, "of": value.of, "value": round(value.value, 4)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(entry) for name, entry in value._asdict().items()}
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> List[str]:
    """Returns a Markdown table, its columns padded so that it reads well in a terminal too."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    padded = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    return [padded[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *padded[1:]]


def summary(pipelines: Mapping[str, Figures], bars: Bars = BARS) -> List[str]:
    """Returns the table of headline figures, one column a pipeline."""
    own = next(iter(pipelines.values()))
    wanted = {check.name: f"{'≤' if check.at_most else '≥'} {100 * check.bar:.0f} %" for check in checks(own, bars)}
    headlines = [_headlines(figures) for figures in pipelines.values()]
    rows = [
        [name, *[str(headline[index][1]) for headline in headlines], wanted.get(name, "")]
        for index, (name, _) in enumerate(headlines[0])
    ]
    return table(["figure", *pipelines, "bar"], rows)


def _headlines(figures: Figures) -> List[Tuple[str, Share]]:
    questions, safety, several = figures
    return [
        ("strict", questions.strict),
        ("with alternatives", questions.accepted),
        ("confidently wrong", questions.confidently_wrong),
        ("rejected", questions.rejected),
        ("out of scope answered", questions.out_of_scope_answered),
        ("one question read as several", questions.too_many_questions),
        ("urgent recall", safety.recall),
        ("near-misses left alone", safety.near_misses_left_alone),
        ("near-misses amber", safety.near_misses_amber),
        ("ordinary left alone", safety.ordinary_left_alone),
        ("ordinary amber", safety.ordinary_amber),
        ("several questions", several.together),
        ("two questions", several.two),
        ("three questions", several.three),
        ("several, and nothing else", several.nothing_else),
        ("several, as written", several.written),
    ]


def write_reports(folder: Path, evaluation: Evaluation) -> None:
    """Writes eval.json and eval.md into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "eval.json").write_text(json.dumps(plain(evaluation), ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "eval.md").write_text("\n".join(_page(evaluation)) + "\n", encoding="utf-8")


def _page(evaluation: Evaluation) -> List[str]:
    lines = ["# Understanding, measured on the development samples", "", *summary(evaluation.pipelines), ""]
    for result in evaluation.public_sets:
        lines += [f"- {result}"]
    for name, figures in evaluation.pipelines.items():
        lines += ["", f"# {name}", "", *_details(figures)]
    return lines


def _details(figures: Figures) -> List[str]:
    questions, safety, several = figures
    by_intent = [[name, str(score.strict), str(score.accepted)] for name, score in questions.by_intent.items()]
    lines = ["## By intent", "", *table(["intent", "strict", "with alternatives"], by_intent), ""]
    lines += ["## Emergencies found, by slice", "", *_shares(safety.recall_by_slice)]
    lines += ["## False alarms among near-misses, by slice", "", *_shares(safety.false_alarms_by_slice)]
    amber = [[name, str(count)] for name, count in sorted(safety.amber_distribution.items())]
    lines += ["## How the amber sample is read", "", *table(["urgency", "messages"], amber), ""]
    lines += ["## Several questions, by what joins them", "", *_shares({f"`{k}`": v for k, v in several.by_joint.items()})]
    lines += _listed("Missed emergencies", safety.missed) + _listed("False alarms", safety.false_alarms)
    misread = [f"{item.expected} → {item.read} ({item.confidence}): {item.text}" for item in questions.misread]
    lines += _listed("Not read acceptably", misread)
    lines += _listed("Questions missed", [f"{', '.join(joined.intents)}: {joined.text}" for joined in several.incomplete])
    return lines


def _shares(shares: Mapping[str, Share]) -> List[str]:
    return [*table(["slice", "share"], [[name, str(share)] for name, share in shares.items()]), ""]


def _listed(title: str, items: Sequence[str]) -> List[str]:
    return [f"## {title}: {len(items)}", "", *[f"- {item}" for item in items], ""]
