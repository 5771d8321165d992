"""Writes down how the visitors with an enquiry fared."""

from __future__ import annotations

import statistics
from typing import List, Mapping, Sequence

from bot.evaluation.enquiry_visitors import MOST_TURNS, Visit
from bot.evaluation.question_scores import Share
from bot.evaluation.report import table
from bot.settings import ROOT

REPORT = ROOT / "reports" / "enquiries.md"
BAR = 0.95
INTRODUCTION = f"""# Enquiries: visitors who want somebody to get back to them

Made-up visitors (tests/held_out/enquiries) type as people do on a phone and answer whatever they are asked. A success is one
enquiry in the database, with the right facts, after at most {MOST_TURNS} messages of the visitor, counting the first.
Whoever is not understood at once does not try again, so the figure is a low one.

The visitors were written before the form was read, and what they say was never changed. How each set went when it was new is
in tests/held_out/README.md; since then it is no longer unseen."""


def share_of_success(visits: Sequence[Visit]) -> Share:
    """Returns how many visits were a success."""
    return Share(sum(not visit.problems for visit in visits), len(visits))


def write_report(sets: Mapping[str, Sequence[Visit]]) -> str:
    """Writes the report and returns its figures as they are printed.

    Args:
        sets: the visits by the name of the set.
    """
    figures = _figures(sets)
    parts = [INTRODUCTION, figures]
    failed = [visit for visits in sets.values() for visit in visits if visit.problems]
    for name, visits in sets.items():
        parts += [f"## Every visitor of the {name} set", _every(visits)]
    if failed:
        parts += ["## Without success", *(_dialogue(visit) for visit in failed)]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return "\n\n".join([figures, *(_dialogue(visit) for visit in failed)])


def _figures(sets: Mapping[str, Sequence[Visit]]) -> str:
    everybody = [visit for visits in sets.values() for visit in visits]
    rows = [[name, *_figures_of(visits)] for name, visits in {**sets, "all": everybody}.items()]
    titles = ["set", f"succeed (aim ≥ {100 * BAR:.0f} %)", "their turns, median", f"most (aim ≤ {MOST_TURNS})"]
    return "\n".join(table(titles, rows))


def _figures_of(visits: Sequence[Visit]) -> List[str]:
    turns = [len(visit.said) for visit in visits if not visit.problems] or [0]
    return [str(share_of_success(visits)), f"{statistics.median(turns):.0f}", str(max(turns))]


def _every(visits: Sequence[Visit]) -> str:
    rows = [[visit.visitor.who, str(len(visit.said)), "; ".join(visit.problems) or "yes"] for visit in visits]
    return "\n".join(table(["visitor", "turns", "success"], rows))


def _dialogue(visit: Visit) -> str:
    lines: List[str] = [f"### {visit.visitor.who}", f"{'; '.join(visit.problems)}", "", "```"]
    for said, turn in zip(visit.said, visit.answers):
        lines.append(f"visitor: {said}")
        lines += [f"    {name}: {message['text']}" for name, message in zip(turn.names, turn.messages)]
    return "\n".join([*lines, "```"])
