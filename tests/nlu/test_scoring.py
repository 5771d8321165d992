"""N-grams and scorer on a handful of examples, with the real encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from bot.nlu.encoder_model import Encoder, encoder_files
from bot.nlu.features import WEIGHT, NgramFeatures
from bot.nlu.scorer import Examples, Scorer, log_odds

TEXTS = [
    "does it hurt", "is it painful", "will it hurt me", "how painful is it", "does the needle hurt",
    "how much does it cost", "what is the price", "how much is a session", "what does it cost", "price please",
]  # fmt: skip
LABELS = ["pain"] * 5 + ["cost"] * 5
ENCODER = Encoder(encoder_files(None))
EXAMPLES = Examples.learn(ENCODER.encode(TEXTS), TEXTS)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.fit(EXAMPLES.alone(), LABELS, strength=30.0, pull=8.0)


def evidence(scorer: Scorer, examples: Examples, *texts: str) -> np.ndarray:
    scores = scorer.score(examples.compare(ENCODER.encode(list(texts)), list(texts)))
    assert scores.labels == ["cost", "pain"]
    return np.asarray(scores.evidence)


def test_a_new_sentence_gets_the_label_of_those_that_mean_the_same(scorer: Scorer) -> None:
    found = evidence(scorer, EXAMPLES, "is it going to be sore", "what do you charge")
    assert list(found.argmax(axis=1)) == [1, 0]


def test_what_is_near_an_example_has_more_evidence_than_what_is_far(scorer: Scorer) -> None:
    near, far = evidence(scorer, EXAMPLES, "does it hurt", "the capital of France")
    assert near.max() > far.max()


def test_order_and_company_do_not_change_a_score(scorer: Scorer) -> None:
    alone = evidence(scorer, EXAMPLES, "is it sore")
    together = evidence(scorer, EXAMPLES, "a much longer sentence about the price of things", "is it sore")
    assert np.allclose(alone[0], together[1], atol=0.15)


def test_a_stored_scorer_scores_the_same(scorer: Scorer, tmp_path: Path) -> None:
    EXAMPLES.save(tmp_path)
    scorer.save(tmp_path / "intent")
    examples, loaded = Examples.load(tmp_path), Scorer.load(tmp_path / "intent")
    assert np.allclose(evidence(scorer, EXAMPLES, "is it sore"), evidence(loaded, examples, "is it sore"), atol=0.02)


def test_nothing_stored_is_a_pickle(scorer: Scorer, tmp_path: Path) -> None:
    EXAMPLES.save(tmp_path)
    scorer.save(tmp_path / "intent")
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} <= {".json", ".npy", ".npz"}


def test_ngrams_are_weighted_as_scikit_learn_weights_them() -> None:
    ngrams = NgramFeatures().fit(TEXTS)
    texts = [*TEXTS, "", "how how how does it hurt?", "qqq"]
    by_sklearn = scipy.sparse.hstack([part.transform(texts) * WEIGHT for part in ngrams._parts]).toarray()
    assert np.allclose(ngrams.columns(texts).toarray(), by_sklearn, atol=1e-6)
    assert by_sklearn[0].any()


def test_log_odds_are_finite_and_symmetric() -> None:
    odds = log_odds(np.array([0.0, 0.25, 0.5, 0.75, 1.0]))
    assert np.isfinite(odds).all()
    assert np.allclose(odds, -odds[::-1])
