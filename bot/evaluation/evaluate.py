"""`python -m bot eval`: how well the assistant understands the development samples, alone or beside stock Rasa."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

from bot.evaluation.gate import Figures, failing
from bot.evaluation.pictures import confusion, draw_confusion, draw_trade_off
from bot.evaluation.predictions import Predictions, predict, write_predictions
from bot.evaluation.public_sets import measure_public_sets
from bot.evaluation.question_scores import score_questions
from bot.evaluation.report import Evaluation, summary, write_reports
from bot.evaluation.safety_scores import chosen_thresholds, score_safety, trade_off
from bot.evaluation.samples import Samples, read_samples
from bot.evaluation.several import THREE, TWO, Joined, join_questions, score_several
from bot.server.agent import load_agent
from bot.server.model import MODEL
from bot.settings import ROOT, settings

REPORTS = ROOT / "reports"
CONFIG = ROOT / "config.yml"
PICTURE = "urgency-tradeoff.png"
OWN = "assistant"


def run_evaluation(stock: bool, gate: bool) -> int:
    """Measures, prints the headline figures and writes the reports.

    Args:
        stock: measure Rasa's default pipeline too, trained on the same examples.
        gate: fail when a figure of the assistant misses its bar.

    Returns:
        Exit code: 1 when `gate` is set and a figure misses its bar, otherwise 0.

    Raises:
        SamplesError: the development samples are missing or damaged.
        NotReady: there is no trained model.
        StockFailed: Rasa could not train its default pipeline.
    """
    samples = read_samples()
    agent = load_agent(MODEL, settings())
    predictions = predict(agent, samples.texts())
    two = join_questions(samples.questions, predictions, 2, TWO)
    three = join_questions(samples.questions, predictions, 3, THREE)
    joined = [message.text for message in (*two, *three)]
    predictions.update(predict(agent, joined))
    write_predictions(REPORTS / "predictions.json", predictions)
    pipelines: Dict[str, Figures] = {OWN: score(samples, two, three, predictions)}
    if stock:
        name, beside = _stock([*samples.texts(), *joined])
        pipelines[name] = score(samples, two, three, beside)
        draw_confusion(REPORTS / "stock-confusion.png", *confusion(samples.questions, beside))
    evaluation = Evaluation(pipelines, measure_public_sets(settings().public_sets_folder))
    write_reports(REPORTS, evaluation)
    _draw(samples, predictions)
    print("\n".join([*summary(pipelines), *map(str, evaluation.public_sets)]))
    print(f"More, with every message that went wrong: {(REPORTS / 'eval.md').relative_to(ROOT)}")
    return _judge(pipelines[OWN]) if gate else 0


def score(samples: Samples, two: List[Joined], three: List[Joined], predictions: Predictions) -> Figures:
    """Returns all figures of one pipeline.

    Args:
        samples: the development samples.
        two: joined messages of two questions.
        three: joined messages of three questions.
        predictions: of all these messages.
    """
    return Figures(
        score_questions(samples.questions, predictions),
        score_safety(samples, predictions),
        score_several(two, three, samples.questions, predictions),
    )


def _stock(texts: List[str]) -> Tuple[str, Predictions]:
    from bot.evaluation.stock import stock_model, stock_predictions

    model = stock_model(REPORTS)
    return model.name, stock_predictions(model, texts)


def _draw(samples: Samples, predictions: Predictions) -> None:
    draw_confusion(REPORTS / "confusion.png", *confusion(samples.questions, predictions))
    thresholds = chosen_thresholds(CONFIG)
    points = trade_off(samples, predictions, thresholds)
    targets: List[Path] = [REPORTS / PICTURE]
    if settings().update_pictures:
        targets.append(ROOT / "docs" / "pictures" / PICTURE)
    for target in targets:
        draw_trade_off(target, points, thresholds)


def _judge(figures: Figures) -> int:
    missed = failing(figures)
    for check in missed:
        print(f"Below the bar: {check}")
    return 1 if missed else 0
