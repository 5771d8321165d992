from __future__ import annotations

from made_up import PREDICTIONS, QUESTIONS, read, sample

from bot.evaluation.pictures import confusion
from bot.evaluation.question_scores import Share, is_accepted, is_strict, score_questions


def test_each_figure_counts_its_own_messages():
    scores = score_questions(QUESTIONS, PREDICTIONS)
    assert scores.strict == Share(2, 8)
    assert scores.accepted == Share(3, 8)
    assert scores.confidently_wrong == Share(3, 8)
    assert scores.rejected == Share(2, 8)


def test_out_of_scope_is_answered_only_by_an_answering_intent():
    assert score_questions(QUESTIONS, PREDICTIONS).out_of_scope_answered == Share(1, 3)


def test_an_acceptable_answer_to_an_out_of_scope_message_is_not_held_against_it():
    samples = [sample("outside", "out_of_scope", accept="safety")]
    assert score_questions(samples, {"outside": read("safety")}).out_of_scope_answered == Share(0, 1)


def test_any_primary_alternative_is_strictly_right():
    assert is_strict(sample("", "safety|scars"), read("scars"))


def test_half_of_two_questions_is_acceptable_but_not_strictly_right():
    two = sample("", "vs_botox+scars")
    assert is_accepted(two, read("scars"))
    assert not is_strict(two, read("scars"))


def test_a_second_question_that_nobody_asked_is_wrong():
    assert not is_accepted(sample("", "safety"), read("safety", "scars"))
    assert score_questions([sample("x", "safety")], {"x": read("safety", "scars")}).too_many_questions == Share(1, 1)


def test_scores_are_kept_by_intent():
    by_intent = score_questions(QUESTIONS, PREDICTIONS).by_intent
    assert by_intent["safety"].strict == Share(1, 4)
    assert by_intent["safety"].accepted == Share(2, 4)
    assert by_intent["vs_botox+scars"].strict == Share(1, 1)


def test_what_is_not_acceptable_is_listed_with_what_was_expected():
    misread = score_questions(QUESTIONS, PREDICTIONS).misread
    assert (misread[0].text, misread[0].expected, misread[0].read) == ("wrong", "safety", "scars")
    assert len(misread) == 5


def test_nothing_of_nothing_is_no_error():
    assert Share(0, 0).value == 0.0


def test_the_confusion_has_acceptable_readings_on_its_diagonal():
    names, counts = confusion(QUESTIONS, PREDICTIONS)
    safety, scars = names.index("safety"), names.index("scars")
    assert counts[safety, safety] == 2
    assert counts[safety, scars] == 1
    assert counts.sum() == len(QUESTIONS)
