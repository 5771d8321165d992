from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluation.public_sets import PublicSetError, few_of_each, measure_public_sets, read_banking77, read_clinc150

CARD = ["my card is lost", "I lost my bank card", "lost card", "where is my card gone", "card was stolen"]
RATE = ["what is the exchange rate", "exchange rate for euros", "rate of the dollar", "currency rate today", "euro rate"]


def write_banking(folder: Path) -> None:
    folder.mkdir()
    rows = [(text, "lost_card") for text in CARD] + [(text, "exchange_rate") for text in RATE]
    body = "\n".join(f'"{text}",{category}' for text, category in rows)
    (folder / "train.csv").write_text(f"text,category\n{body}\n", encoding="utf-8")
    (folder / "test.csv").write_text('text,category\n"I have lost my card, help",lost_card\n', encoding="utf-8")


def write_clinc(folder: Path) -> None:
    folder.mkdir()
    train = [[text, "lost_card"] for text in CARD] + [[text, "exchange_rate"] for text in RATE]
    test = [["I have lost my card", "lost_card"], ["rate of the euro", "exchange_rate"]]
    content = {"train": train, "test": test, "oos_test": [["how tall is a giraffe", "oos"]]}
    (folder / "data_full.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_same_few_examples_of_each_intent_are_drawn():
    labelled = [(text, "card") for text in CARD] + [(text, "rate") for text in RATE[:2]]
    drawn = few_of_each(labelled, 3)
    assert drawn == few_of_each(labelled, 3)
    assert [intent for _, intent in drawn] == ["card"] * 3 + ["rate"] * 2


def test_banking77_is_read_with_its_commas(tmp_path: Path):
    write_banking(tmp_path / "banking77")
    collection = read_banking77(tmp_path / "banking77", shots=4)
    assert len(collection.train) == 8
    assert collection.test == [("I have lost my card, help", "lost_card")]


def test_clinc150_keeps_what_is_out_of_scope_apart(tmp_path: Path):
    write_clinc(tmp_path / "clinc150")
    collection = read_clinc150(tmp_path / "clinc150")
    assert collection.outside == ["how tall is a giraffe"]
    assert len(collection.test) == 2


def test_both_collections_are_measured_with_the_real_encoder(tmp_path: Path):
    write_banking(tmp_path / "banking77")
    write_clinc(tmp_path / "clinc150")
    banking, clinc = measure_public_sets(tmp_path)
    assert (banking.name, banking.accuracy, banking.outside_auroc) == ("BANKING77", 1.0, None)
    assert (clinc.name, clinc.accuracy, clinc.outside_auroc) == ("CLINC150", 1.0, 1.0)


def test_nothing_is_measured_where_nothing_lies(tmp_path: Path):
    assert measure_public_sets(None) == []
    assert measure_public_sets(tmp_path) == []


def test_a_damaged_collection_is_named(tmp_path: Path):
    (tmp_path / "banking77").mkdir()
    (tmp_path / "banking77" / "train.csv").write_text("text,label\nhello,greet\n", encoding="utf-8")
    with pytest.raises(PublicSetError, match=r"train\.csv"):
        read_banking77(tmp_path / "banking77")
    (tmp_path / "data_full.json").write_text('{"train": []}', encoding="utf-8")
    with pytest.raises(PublicSetError, match="oos_test"):
        read_clinc150(tmp_path)
