"""How things are said: forbidden words, hedges, length, nothing copied from the article, numbers where they belong."""

import os
import re
from pathlib import Path
from typing import Iterator, List, Tuple

import pytest

from bot.knowledge.files import responses
from bot.knowledge.questions import QUESTIONS, answer_name
from bot.settings import ROOT

FORBIDDEN = [
    "best",
    "leading",
    "specialist",
    "expert",
    "proven",
    "guaranteed",
    "painless",
    "risk-free",
    "cure",
    "discount",
    "free",
]
HEDGED = ("cosmetic_use", "collagen_circulation", "wrinkles", "scars", "jaw_tmj")
HEDGES = ("may", "limited", "emerging")
NOT_IN_THE_ARTICLE = [
    "cost_insurance",
    "sessions_results",
    "aftercare_prep",
    "side_effects_detail",
    "contraindications",
    "vs_other",
]
SHARED_WORDS = 9
ARTICLE = Path(os.environ.get("SAMPLES_FOLDER", ROOT.parent / "shared" / "data")).parent / "article.md"
SENTENCE = re.compile(r"[.!?](?=\s|$)")


def said() -> Iterator[Tuple[str, str]]:
    for name, variations in responses().items():
        for variation in variations:
            yield name, variation["text"]


def words(text: str) -> List[str]:
    return re.findall(r"[a-z']+", text.lower())


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_answer_uses_a_word_that_promises_too_much(word: str) -> None:
    guilty = [name for name, text in said() if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
    assert guilty == []


@pytest.mark.parametrize("intent", HEDGED)
def test_every_cosmetic_claim_is_hedged_in_the_full_and_in_the_short_form(intent: str) -> None:
    for variation in responses()[answer_name(intent)]:
        assert any(re.search(rf"\b{hedge}\b", variation["text"]) for hedge in HEDGES), variation["text"]
        assert "may" in words(variation["text"])


@pytest.mark.parametrize("intent", NOT_IN_THE_ARTICLE)
def test_an_answer_that_the_article_does_not_have_says_so(intent: str) -> None:
    text = responses()[answer_name(intent)][0]["text"]
    assert re.search(r"article (?:doesn't|has nothing|compares)|don't know|I can't say", text), text


def test_full_answers_are_two_to_four_short_sentences_and_offers_may_add_one() -> None:
    for question in QUESTIONS:
        for facet in (None, *question.facets):
            text = responses()[answer_name(question.intent, facet)][0]["text"]
            sentences = len(SENTENCE.findall(text)) + sum(
                text.count(part) for part in ("{booking}", "{location}", "{hours}")
            )
            assert 2 <= sentences <= (5 if "hall I" in text else 4), (question.intent, facet, sentences)
            assert max(len(words(part)) for part in SENTENCE.split(text)) <= 40, (question.intent, facet)


def test_emergency_scripts_give_the_number_first_and_say_what_they_are() -> None:
    for name, number in (("utter_urgent_symptom", "{emergency_number}"), ("utter_urgent_crisis", "{crisis_number}")):
        for variation in responses()[name]:
            assert variation["text"].index(number) < 90
            assert "automated" in variation["text"]
            assert "nobody watches" in variation["text"]
    symptom = responses()["utter_urgent_symptom"][0]["text"]
    assert "Do not drive yourself" in symptom
    assert "{health_line_number}" in symptom


@pytest.mark.parametrize(
    "name", ["utter_amber_symptom", "utter_out_of_scope_distress", "utter_too_long", "utter_apology"]
)
def test_what_may_reach_somebody_in_danger_names_the_emergency_number(name: str) -> None:
    assert all("{emergency_number}" in variation["text"] for variation in responses()[name])


def test_the_amber_line_neither_reassures_nor_diagnoses() -> None:
    text = responses()["utter_amber_symptom"][0]["text"].lower()
    assert not re.search(r"\bnormal\b|\bnothing to worry\b|\bprobably\b|\bdon't worry\b|\bfine\b", text)


def test_no_text_shares_a_run_of_words_with_the_article() -> None:
    if not ARTICLE.is_file():
        pytest.skip(f"the clinic's article is not at {ARTICLE}")
    article = words(ARTICLE.read_text(encoding="utf-8").split("-->", 1)[-1])
    runs = {tuple(article[at : at + SHARED_WORDS]) for at in range(len(article) - SHARED_WORDS + 1)}
    for name, text in said():
        flow = words(text)
        shared = [
            flow[at : at + SHARED_WORDS] for at in range(len(flow)) if tuple(flow[at : at + SHARED_WORDS]) in runs
        ]
        assert shared == [], name
