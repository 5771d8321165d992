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

from bot.nlu.encoder import SentenceEncoder, sentence_vectors
from bot.nlu.encoder_model import Encoder, encoder_files, files_in
from bot.nlu.encoder_training import write_encoder
from bot.nlu.file_hashes import EncoderFileError

PACKAGED = Encoder(encoder_files(None))
PAIRS = [
    ("Does it hurt?", "Is it painful?"),
    ("How much does it cost?", "What is the price?"),
    ("Where are you located?", "What is your address?"),
    ("I can't breathe", "I have trouble breathing"),
]


def cosine(one: str, other: str) -> float:
    vectors = PACKAGED.encode([one, other])
    return float(vectors[0] @ vectors[1])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_paraphrase_is_nearer_than_anything_unrelated(one: str, other: str) -> None:
    unrelated = [question for pair in PAIRS if pair != (one, other) for question in pair]
    assert cosine(one, other) > max(cosine(one, question) for question in unrelated)


def test_vectors_have_length_one_and_come_in_the_order_of_the_texts() -> None:
    texts = ["a much longer sentence than the others in this list", "short", "", "is it safe", "short"]
    vectors = PACKAGED.encode(texts, threads=2)
    assert vectors.shape == (5, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(vectors[1], vectors[4])
    assert vectors[1] @ vectors[0] < 0.9


def test_a_very_long_text_is_cut_not_refused() -> None:
    assert PACKAGED.encode(["word " * 5000]).shape == (1, 384)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    files = {**encoder_files(None), name: tmp_path / name}
    with pytest.raises(EncoderFileError, match=name):
        Encoder(files)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("encoder")
    write_encoder(folder, [question for pair in PAIRS for question in pair])
    return Encoder(files_in(folder))


@pytest.mark.parametrize("text", ["hi", "is it safe", "my scar itches since last time, is that normal or should i call", ""])
def test_the_served_encoder_reads_nearly_as_the_packaged_one(served: Encoder, text: str) -> None:
    assert served.encode([text])[0] @ PACKAGED.encode([text])[0] > 0.99


def test_a_text_is_read_the_same_whatever_stands_beside_it(served: Encoder) -> None:
    alone = served.encode(["is it safe"])[0]
    beside = served.encode(["is it safe", "a much longer sentence about something else, with a comma", "hi"], threads=2)[0]
    assert np.array_equal(alone, beside)


def component_of(config: dict[str, object], storage_folder: Path) -> tuple[SentenceEncoder, LocalModelStorage, Resource]:
    storage_folder.mkdir()
    storage, resource = LocalModelStorage(storage_folder), Resource("encoder")
    full = {**SentenceEncoder.get_default_config(), **config}
    return SentenceEncoder(full, storage, resource), storage, resource


def loaded(config: dict[str, object], storage: LocalModelStorage, resource: Resource) -> SentenceEncoder:
    return SentenceEncoder.load({**SentenceEncoder.get_default_config(), **config}, storage, resource, None)


def copied_files(folder: Path) -> Path:
    folder.mkdir()
    for name, path in encoder_files(None).items():
        shutil.copy(path, folder / name)
    return folder


def test_another_folder_with_the_files_is_taken_as_it_is(tmp_path: Path) -> None:
    config = {"folder": str(copied_files(tmp_path / "files"))}
    component, storage, resource = component_of(config, tmp_path / "storage")
    component.train(TrainingData([]))
    messages = loaded(config, storage, resource).process([Message({TEXT: "is it safe"})])
    assert np.allclose(sentence_vectors(messages), PACKAGED.encode(["is it safe"]), atol=1e-6)


def test_another_folder_without_the_files_stops_the_training(tmp_path: Path) -> None:
    component, _, _ = component_of({"folder": str(tmp_path / "nowhere")}, tmp_path / "storage")
    with pytest.raises(EncoderFileError, match=r"model\.onnx cannot be read"):
        component.train(TrainingData([]))


def test_a_file_that_changed_after_the_training_is_a_clear_error(tmp_path: Path) -> None:
    config = {"folder": str(copied_files(tmp_path / "files"))}
    component, storage, resource = component_of(config, tmp_path / "storage")
    component.train(TrainingData([]))
    with storage.read_from(resource) as kept, (kept / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(EncoderFileError, match=r"tokenizer\.json is not the file .*sha256.*make train"):
        loaded(config, storage, resource)


def test_a_packaged_file_that_is_not_the_known_one_stops_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "tokenizer.json"
    other.write_text("{}", encoding="utf-8")
    monkeypatch.setattr("bot.nlu.encoder_model.DEFAULT_TOKENIZER", other)
    component, _, _ = component_of({}, tmp_path / "storage")
    with pytest.raises(EncoderFileError, match="sha256"):
        component.train(TrainingData([Message({TEXT: "is it safe", "intent": "safety"})]))


def test_a_changed_file_makes_rasa_train_again(tmp_path: Path) -> None:
    folder = copied_files(tmp_path / "files")
    before = SentenceEncoder.fingerprint_addon({"folder": str(folder)})
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert before != SentenceEncoder.fingerprint_addon({"folder": str(folder)})
    assert before == SentenceEncoder.fingerprint_addon({})
