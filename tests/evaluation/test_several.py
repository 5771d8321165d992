from __future__ import annotations

import pytest
from made_up import read, sample

from bot.evaluation.predictions import Predictions
from bot.evaluation.question_scores import Share
from bot.evaluation.several import Joined, askable, is_complete, join, join_questions, score_several

INTENTS = ("safety", "scars", "evidence", "wrinkles", "cost_insurance")
POOL = [sample(f"What about {intent}?", intent) for intent in INTENTS]
RIGHT: Predictions = {entry.text: read(intent) for entry, intent in zip(POOL, INTENTS)}


@pytest.mark.parametrize(
    ("joint", "expected"),
    [
        (" and ", "Is it safe and does it hurt?"),
        ("? also ", "Is it safe? also does it hurt?"),
        (". ", "Is it safe. Does it hurt?"),
        (", and ", "Is it safe, and does it hurt?"),
    ],
)
def test_questions_are_joined_as_visitors_do(joint: str, expected: str):
    assert join(["Is it safe?", "Does it hurt?"], joint) == expected


def test_three_questions_keep_their_order_and_every_word():
    assert join(["A one?", "TMJ two", "I three?"], " and ") == "A one and TMJ two and I three?"


def test_joining_is_the_same_every_time():
    assert join_questions(POOL, RIGHT, 2, 8) == join_questions(POOL, RIGHT, 2, 8)


def test_only_different_intents_that_are_read_right_are_joined():
    predictions = {**RIGHT, POOL[0].text: read("nlu_fallback")}
    joined = join_questions(POOL, predictions, 2, 8)
    assert len(joined) == 8
    assert all(len(set(message.intents)) == 2 and "safety" not in message.intents for message in joined)


def test_fewer_come_back_when_too_few_are_read_right():
    nothing_right = {text: read("nlu_fallback") for text in RIGHT}
    assert join_questions(POOL, nothing_right, 2, 8) == []
    assert join_questions(POOL[:1], RIGHT, 2, 8) == []


def test_what_is_no_question_or_may_be_urgent_is_not_joined():
    others = [sample("hi", "greet"), sample("bad", "complaint_feedback"), sample("ow", "medical_advice", unsafe=True)]
    assert askable([*others, POOL[0]]) == [POOL[0]]


def test_order_matters_and_more_does_not_hurt_completeness():
    message = Joined("", ("safety", "scars"), " and ")
    assert is_complete(message, ("safety", "evidence", "scars"))
    assert not is_complete(message, ("scars", "safety"))
    assert not is_complete(message, ())


def test_scores_tell_sizes_joints_and_extra_questions_apart():
    two = [Joined("a", ("safety", "scars"), " and "), Joined("b", ("safety", "scars"), ". ")]
    three = [Joined("c", ("safety", "scars", "evidence"), " and ")]
    written = [sample("w", "other_treatment|vs_botox+vs_other"), sample("single", "safety")]
    predictions = {
        "a": read("safety", "scars"),
        "b": read("safety"),
        "c": read("safety", "scars", "wrinkles", "evidence"),
        "w": read("vs_botox", "vs_other"),
        "single": read("safety"),
    }
    scores = score_several(two, three, written, predictions)
    assert (scores.two, scores.three, scores.together) == (Share(1, 2), Share(1, 1), Share(2, 3))
    assert scores.nothing_else == Share(1, 3)
    assert scores.by_joint == {" and ": Share(2, 2), ". ": Share(0, 1)}
    assert scores.written == Share(1, 1)
    assert scores.incomplete == [two[1]]
