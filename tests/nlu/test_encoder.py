"""The encoder: sentences that mean the same lie close, and a file that is not the expected one is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import Encoder, EncoderFileError, SentenceEncoder, encoder_files, sentence_vectors

ENCODER = Encoder(encoder_files(None))
PAIRS = [
    ("Does it hurt?", "Is it painful?"),
    ("How much does it cost?", "What is the price?"),
    ("Where are you located?", "What is your address?"),
    ("I can't breathe", "I have trouble breathing"),
]


def cosine(one: str, other: str) -> float:
    vectors = ENCODER.encode([one, other])
    return float(vectors[0] @ vectors[1])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_paraphrase_is_nearer_than_anything_unrelated(one: str, other: str) -> None:
    unrelated = [question for pair in PAIRS if pair != (one, other) for question in pair]
    assert cosine(one, other) > max(cosine(one, question) for question in unrelated)


def test_vectors_have_length_one_and_come_in_the_order_of_the_texts() -> None:
    texts = ["a much longer sentence than the others in this list", "short", "", "is it safe", "short"]
    vectors = ENCODER.encode(texts, batch_size=2)
    assert vectors.shape == (5, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[1] @ vectors[4] > 0.98
    assert vectors[1] @ vectors[0] < 0.9


def test_a_very_long_text_is_cut_not_refused() -> None:
    assert ENCODER.encode(["word " * 5000]).shape == (1, 384)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    files = {**encoder_files(None), name: tmp_path / name}
    with pytest.raises(EncoderFileError, match=name):
        Encoder(files)


def component_of(config: dict[str, object], storage_folder: Path) -> tuple[SentenceEncoder, LocalModelStorage, Resource]:
    storage_folder.mkdir()
    storage, resource = LocalModelStorage(storage_folder), Resource("encoder")
    full = {**SentenceEncoder.get_default_config(), **config}
    return SentenceEncoder(full, storage, resource), storage, resource


def copied_files(folder: Path) -> Path:
    folder.mkdir()
    for name, path in encoder_files(None).items():
        shutil.copy(path, folder / name)
    return folder


def test_another_folder_with_the_files_works_like_the_packaged_ones(tmp_path: Path) -> None:
    folder = copied_files(tmp_path / "files")
    packaged = ENCODER.encode(["is it safe"])
    component, _, _ = component_of({"folder": str(folder)}, tmp_path / "storage")
    messages = component.process([Message({TEXT: "is it safe"})])
    assert np.allclose(sentence_vectors(messages), packaged, atol=1e-6)


def test_a_file_that_changed_after_the_training_is_a_clear_error(tmp_path: Path) -> None:
    folder = copied_files(tmp_path / "files")
    component, storage, resource = component_of({"folder": str(folder)}, tmp_path / "storage")
    component.train(TrainingData([]))
    with (folder / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    config = {**SentenceEncoder.get_default_config(), "folder": str(folder)}
    with pytest.raises(EncoderFileError, match=r"tokenizer\.json is not the file .*sha256.*make train"):
        SentenceEncoder.load(config, storage, resource, None)


def test_a_packaged_file_that_is_not_the_known_one_stops_the_training(tmp_path: Path) -> None:
    component, _, _ = component_of({}, tmp_path / "storage")
    other = tmp_path / "tokenizer.json"
    other.write_text("{}", encoding="utf-8")
    component._files["tokenizer.json"] = other
    with pytest.raises(EncoderFileError, match="sha256"):
        component.process_training_data(TrainingData([]))


def test_a_changed_file_makes_rasa_train_again(tmp_path: Path) -> None:
    folder = copied_files(tmp_path / "files")
    before = SentenceEncoder.fingerprint_addon({"folder": str(folder)})
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert before != SentenceEncoder.fingerprint_addon({"folder": str(folder)})
    assert before == SentenceEncoder.fingerprint_addon({})
