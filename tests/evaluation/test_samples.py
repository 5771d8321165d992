from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation.samples import Samples, SamplesError, parse_primary, read_samples

QUESTIONS = (
    "text\tprimary\taccept\tunsafe\tprovenance\n"
    'What is a "knot"?\thow_it_works\twhat_is,how_it_works\t\tfaq\n'
    "fillers or botox\tother_treatment|vs_botox+vs_other\twrinkles\t\tuser\n"
    "my arm went numb\tmedical_advice\turgent_symptom\t\tuser\n"
    "it swelled up\tmedical_advice\tmedical_advice\tyes\tuser\n"
)
URGENT = "text\tlabel\tslice\ncannot breathe\turgent\t911 breathing\nno fever\tnot_urgent\tnegated\n"


def write(folder: Path, questions: str = QUESTIONS, urgent: str = URGENT) -> Path:
    (folder / "questions_dev.tsv").write_text(questions, encoding="utf-8")
    (folder / "urgent_dev.tsv").write_text(urgent, encoding="utf-8")
    (folder / "amber_dev.tsv").write_text("text\na bit dizzy\n", encoding="utf-8")
    return folder


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    return read_samples(write(tmp_path))


def test_alternatives_may_hold_several_questions():
    assert parse_primary("a|b+c") == (("a",), ("b", "c"))


def test_quotation_marks_stay_part_of_a_message(samples: Samples):
    assert samples.questions[0].text == 'What is a "knot"?'


def test_every_intent_of_a_primary_alternative_is_acceptable(samples: Samples):
    assert samples.questions[1].accept == {"wrinkles", "other_treatment", "vs_botox", "vs_other"}


def test_a_message_that_may_be_urgent_is_not_ordinary(samples: Samples):
    assert [sample.is_ordinary for sample in samples.questions] == [True, True, False, False]


def test_urgent_and_near_miss_are_told_apart(samples: Samples):
    assert [(sample.urgent, sample.slice) for sample in samples.urgent] == [(True, "911 breathing"), (False, "negated")]


def test_every_message_is_listed_once(tmp_path: Path):
    folder = write(tmp_path, urgent="text\tlabel\tslice\na bit dizzy\tnot_urgent\tinfo\n")
    assert read_samples(folder).texts().count("a bit dizzy") == 1


def test_a_missing_folder_is_named_together_with_the_setting(tmp_path: Path):
    with pytest.raises(SamplesError, match=r"nowhere.*SAMPLES_FOLDER"):
        read_samples(tmp_path / "nowhere")


def test_a_short_line_is_named(tmp_path: Path):
    folder = write(tmp_path, questions="text\tprimary\taccept\tunsafe\tprovenance\nhello\tgreet\n")
    with pytest.raises(SamplesError, match="line 2 lacks the column accept"):
        read_samples(folder)


def test_an_unknown_label_is_refused(tmp_path: Path):
    folder = write(tmp_path, urgent="text\tlabel\tslice\nhelp\tperhaps\t911\n")
    with pytest.raises(SamplesError, match="perhaps"):
        read_samples(folder)
