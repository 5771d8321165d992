"""A model is code: what is loaded is what was trained, from what is here; a server that must not train ends otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.server import model

ARCHIVE = b"an archive"


def note_of_earlier_versions(archive: Path) -> None:
    archive.with_name("assistant.sha256").write_text(f"{model.fingerprint()}\n", encoding="ascii")


def made_of_other_files(archive: Path) -> None:
    note = f"{'0' * 64}\n{hashlib.sha256(ARCHIVE).hexdigest()}\n"
    archive.with_name("assistant.sha256").write_text(note, encoding="ascii")


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model and its note, as training leaves them."""
    archive, note = tmp_path / "assistant.tar.gz", tmp_path / "assistant.sha256"
    archive.write_bytes(ARCHIVE)
    note.write_text(f"{model.fingerprint()}\n{hashlib.sha256(ARCHIVE).hexdigest()}\n", encoding="ascii")
    monkeypatch.setattr(model, "MODEL", archive)
    monkeypatch.setattr(model, "NOTE", note)
    return archive


def test_a_model_as_it_was_trained_is_fresh(trained: Path) -> None:
    model.check()
    assert model.train() == 0.0


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda archive: archive.unlink(), "there is no trained model"),
        (lambda archive: archive.with_name("assistant.sha256").unlink(), "there is no trained model"),
        (lambda archive: archive.write_bytes(b"another archive"), "is not the archive that was trained"),
        (note_of_earlier_versions, "is not the archive that was trained"),
        (made_of_other_files, "was trained from other examples"),
    ],
)
def test_any_other_is_refused_in_one_line(
    trained: Path, spoil: Callable[[Path], object], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(trained)
    assert not model.is_fresh()
    assert main(["serve", "--no-train"]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert told in said[-1]
    assert str(trained) in said[-1]
