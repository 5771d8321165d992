"""Buttons: only what the assistant signed for this conversation counts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.buttons import ButtonSigner, is_button
from bot.kept_secrets import secret_key

SIGNER = ButtonSigner("a key of thirty-two characters..")
PAYLOAD = SIGNER.sign("visitor", "safety")


def test_a_signed_button_is_read_in_its_own_conversation() -> None:
    assert is_button(PAYLOAD)
    assert SIGNER.read("visitor", PAYLOAD) == "safety"


def test_a_signed_button_is_worth_nothing_in_another_conversation() -> None:
    assert SIGNER.read("other", PAYLOAD) is None


def test_a_button_of_another_key_is_refused() -> None:
    assert ButtonSigner("another key of 32 characters....").read("visitor", PAYLOAD) is None


@pytest.mark.parametrize("length", range(len(PAYLOAD)))
def test_a_cut_button_is_refused(length: int) -> None:
    assert SIGNER.read("visitor", PAYLOAD[:length]) is None


@given(st.integers(0, len(PAYLOAD) - 1), st.characters())
def test_a_button_with_one_changed_character_is_refused(position: int, character: str) -> None:
    changed = PAYLOAD[:position] + character + PAYLOAD[position + 1 :]
    assert SIGNER.read("visitor", changed) == ("safety" if changed == PAYLOAD else None)


@given(st.text(alphabet=st.characters()))
def test_no_text_is_a_button_by_chance(text: str) -> None:
    assert SIGNER.read("visitor", text) is None
    assert SIGNER.read("visitor", f"button:{text}") is None
    assert SIGNER.read("visitor", f"button:safety:{text}") is None


def test_the_signature_ties_conversation_and_intent_together_without_ambiguity() -> None:
    tag = PAYLOAD.rsplit(":", 1)[1]
    assert SIGNER.read("visitor", f"button:affirm:{tag}") is None


def test_a_configured_key_is_used_as_it_is(tmp_path: Path) -> None:
    assert secret_key("x" * 40, tmp_path) == "x" * 40
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_and_only_this_user_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    made = secret_key(None, folder)
    assert len(made) == 64
    assert secret_key(None, folder) == made
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [b"", b"\n", b"short", b"\xff\xfe"])
def test_a_file_that_holds_no_real_key_is_replaced(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(kept)
    made = secret_key(None, tmp_path)
    assert len(made) == 64
    assert secret_key(None, tmp_path) == made
