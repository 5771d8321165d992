"""Sealing and marking: what is sealed opens with the right keys only; what is marked is found again in any spelling."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.kept_secrets import kept_secret
from bot.privacy.encryption import KeyProblem, NotAContact, Vault, contact_mark, normal_contact, vault, vault_of
from bot.settings import Settings

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SECRET = "a secret of at least thirty-two characters"
VAULT = Vault([OLD], SECRET)
ANY_TEXT = st.text(st.characters(), max_size=80)


@given(ANY_TEXT)
def test_any_text_opens_as_it_was_sealed(text: str) -> None:
    sealed = VAULT.seal(text)
    assert VAULT.open(sealed) == text
    assert sealed.isascii()


@given(st.text(min_size=4))
def test_a_seal_does_not_show_the_text_nor_that_two_are_the_same(text: str) -> None:
    once, again = VAULT.seal(text), VAULT.seal(text)
    assert once != again
    assert text not in once


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = VAULT.seal("Dana")
    both = Vault([NEW, OLD], SECRET)
    assert both.open(sealed) == "Dana"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal("Dana"))
    with pytest.raises(KeyProblem):
        VAULT.open(both.seal("Dana"))


@pytest.mark.parametrize(
    "sealed",
    ["", "Dana Sample", VAULT.seal("Dana Sample")[:-4], Vault([NEW], SECRET).seal("Dana Sample")],
    ids=["nothing", "not sealed", "cut off", "another key"],
)
def test_what_does_not_open_is_an_error_without_content(sealed: str) -> None:
    with pytest.raises(KeyProblem) as raised:
        VAULT.open(sealed)
    said = f"{raised.value} {raised.value.__cause__}"
    assert "ENCRYPTION_KEYS" in said
    assert "Dana" not in said
    assert OLD not in said
    assert not sealed or sealed not in said


@given(ANY_TEXT, ANY_TEXT)
def test_marks_are_equal_for_equal_texts_only(one: str, other: str) -> None:
    assert (VAULT.mark(one) == VAULT.mark(other)) == (one == other)
    assert len(VAULT.mark(one)) == 64


def test_marks_stay_when_the_keys_change_but_not_when_the_secret_does() -> None:
    assert Vault([NEW, OLD], SECRET).mark("Dana") == VAULT.mark("Dana")
    assert Vault([OLD], f"{SECRET}!").mark("Dana") != VAULT.mark("Dana")


@given(
    st.from_regex(r"(780|587|403|604)[2-9][0-9]{6}", fullmatch=True),
    st.sampled_from(
        ["{0}{1}{2}", "{0}-{1}-{2}", " ({0}) {1} {2}", "+1 {0} {1}-{2}", "1{0}{1}{2}", "{0}.{1}.{2} ext 5", "tel:{0}{1}{2}"]
    ),
)
def test_a_phone_number_has_one_mark_in_every_spelling(number: str, spelling: str) -> None:
    spelt = spelling.format(number[:3], number[3:6], number[6:])
    assert normal_contact(spelt) == f"+1{number}"
    assert VAULT.contact_mark(spelt) == VAULT.contact_mark(number)


@given(st.from_regex(r"[a-z0-9]{1,10}([.+-][a-z0-9]{1,5})?@[a-z]{2,10}\.(ca|com|org)", fullmatch=True))
def test_an_address_has_one_mark_in_every_spelling(address: str) -> None:
    assert VAULT.contact_mark(f" {address.upper()}\n") == VAULT.contact_mark(address)


def test_two_contacts_have_two_marks() -> None:
    contacts = ["780-555-0143", "780-555-0144", "dana@example.com", "dana@example.org", "dana+x@example.com"]
    assert len({VAULT.contact_mark(contact) for contact in contacts}) == len(contacts)


@pytest.mark.parametrize(
    "contact", ["", "Dana", "911", "12", "dana@", "@example.com", "dana@example", "a@b@c.com", "=1+1", "++"]
)
def test_what_is_no_contact_is_refused_without_repeating_it(contact: str) -> None:
    with pytest.raises(NotAContact) as raised:
        normal_contact(contact)
    assert str(raised.value) == "This is neither a phone number nor an email address."


def test_the_demo_makes_its_keys_once_and_only_this_user_can_read_them(tmp_path: Path) -> None:
    configured = Settings(environment="demo", data_folder=tmp_path / "var")
    sealed = vault_of(configured).seal("Dana")
    assert vault_of(configured).open(sealed) == "Dana"
    assert vault_of(configured).mark("Dana") == vault_of(configured).mark("Dana")
    for name in ("encryption_key", "secret_key"):
        assert stat.S_IMODE((tmp_path / "var" / name).stat().st_mode) == 0o600


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    made = iter(range(10_000, 20_000))
    with ThreadPoolExecutor(16) as starting:
        kept = set(starting.map(lambda _: kept_secret(tmp_path / "key", lambda: str(next(made))), range(64)))
    assert len(kept) == 1


def test_a_key_file_that_holds_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "encryption_key").write_text("not a key")
    with pytest.raises(KeyProblem, match="key 1") as raised:
        vault_of(Settings(environment="demo", data_folder=tmp_path))
    assert "not a key" not in str(raised.value)
    assert (tmp_path / "encryption_key").read_text() == "not a key"


def test_keys_that_cannot_be_read_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "encryption_key").mkdir()
    with pytest.raises(KeyProblem, match="DATA_FOLDER"):
        vault_of(Settings(environment="demo", data_folder=tmp_path))


def test_configured_keys_are_used_the_newest_first(tmp_path: Path) -> None:
    configured = Settings(
        environment="production", encryption_keys=f" {NEW} , {OLD} ,", secret_key=SECRET, data_folder=tmp_path
    )
    assert vault_of(configured).open(VAULT.seal("Dana")) == "Dana"
    assert Vault([NEW], SECRET).open(vault_of(configured).seal("Dana")) == "Dana"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"secret_key": SECRET}, "ENCRYPTION_KEYS"), ({"encryption_keys": NEW}, "SECRET_KEY"), ({}, "ENCRYPTION_KEYS")],
)
def test_production_does_not_make_up_keys(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    with pytest.raises(KeyProblem, match=missing):
        vault_of(Settings(environment="production", data_folder=tmp_path, **given))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "keys", [",", " , ", f"{NEW},{OLD[:-3]}", "short", "ключ"], ids=["none", "blank", "cut off", "short", "not ASCII"]
)
def test_a_wrong_key_is_named_by_its_place_and_not_shown(tmp_path: Path, keys: str) -> None:
    with pytest.raises(KeyProblem, match="ENCRYPTION_KEYS") as raised:
        vault_of(Settings(environment="production", encryption_keys=keys, secret_key=SECRET, data_folder=tmp_path))
    assert OLD[:-3] not in str(raised.value)
    assert str(raised.value.__cause__) == "None"


def test_the_process_has_one_vault() -> None:
    assert vault() is vault()
    assert contact_mark("780-555-0143") == vault().contact_mark("+17805550143")
