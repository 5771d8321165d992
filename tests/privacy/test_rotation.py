"""Keys change: everything is sealed anew, also after an interruption, and nothing that changed meanwhile is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sample_enquiries import AT, add_provider
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from bot.privacy.encryption import KeyProblem, Vault
from bot.privacy.rotation import Rotated, rotate, sealed_columns
from bot.storage.database import transaction
from bot.storage.models import AuditEntry, Enquiry, Provider

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "a secret of at least thirty-two characters"
BEFORE, BOTH, AFTER = Vault([OLD], SECRET), Vault([NEW, OLD], SECRET), Vault([NEW], SECRET)
VISITORS = 5


@pytest.fixture
def sealed(database: Engine) -> Engine:
    """A database with sealed fields."""
    _fill(database)
    return database


def _fill(database: Engine) -> None:
    """Writes five enquiries and one that has been erased, and a provider with a webhook."""
    with transaction(database) as session:
        provider = session.get(Provider, add_provider(session))
        provider.webhook_secret_sealed = BEFORE.seal("a secret of the webhook")
        session.add_all(_enquiry(number) for number in range(VISITORS))
        session.add(
            Enquiry(**{**_fields(VISITORS), "first_name_sealed": None, "contact_sealed": None, "contact_mark": None})
        )


def _fields(number: int) -> dict[str, object]:
    contact = f"780-555-010{number}"
    return {
        "code": f"code-{number}",
        "idempotency_key": f"form-{number}",
        "kind": "cosmetic",
        "state": "queued",
        "conversation_mark": BEFORE.mark("conversation"),
        "contact_mark": BEFORE.contact_mark(contact),
        "first_name_sealed": BEFORE.seal(f"Dana {number}"),
        "contact_sealed": BEFORE.seal(contact),
        "concern": "scars",
        "created_at": AT,
        "changed_at": AT,
    }


def _enquiry(number: int) -> Enquiry:
    return Enquiry(**_fields(number))


def _opened(database: Engine, vault: Vault) -> list[str]:
    with transaction(database) as session:
        return [
            vault.open(text)
            for column in sealed_columns()
            for text in session.execute(select(column).where(column.is_not(None))).scalars()
        ]


def test_afterwards_the_old_key_is_not_needed(sealed: Engine) -> None:
    texts = _opened(sealed, BEFORE)
    assert rotate(sealed, BOTH, "staff:sample") == Rotated(2 * VISITORS + 1, 0, 0, 0)
    assert sorted(_opened(sealed, AFTER)) == sorted(texts)


def test_every_sealed_column_of_the_schema_is_known() -> None:
    names = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    assert names >= {"enquiries.first_name_sealed", "enquiries.contact_sealed", "providers.webhook_secret_sealed"}


def test_again_there_is_nothing_to_do(sealed: Engine) -> None:
    rotate(sealed, BOTH, "staff:sample")
    assert rotate(sealed, BOTH, "staff:sample") == Rotated(0, 2 * VISITORS + 1, 0, 0)


class Interrupted(Vault):
    """A vault whose process is stopped at the fifth seal, the second of its batch."""

    left = 4

    def seal(self, text: str) -> str:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().seal(text)


def test_stopped_in_the_middle_it_goes_on_where_it_was(sealed: Engine) -> None:
    with pytest.raises(KeyboardInterrupt):
        rotate(sealed, Interrupted([NEW, OLD], SECRET), "staff:sample", batch=2)
    assert len(_opened(sealed, BOTH)) == 2 * VISITORS + 1
    assert rotate(sealed, BOTH, "staff:sample", batch=2) == Rotated(8, 3, 0, 0)
    assert len(_opened(sealed, AFTER)) == 2 * VISITORS + 1


class Overtaken(Vault):
    """A vault that is so slow that a visitor erases everything between reading a field and writing it."""

    def __init__(self, database: Engine) -> None:
        super().__init__([NEW, OLD], SECRET)
        self._database = database

    def seal(self, text: str) -> str:
        with transaction(self._database) as session:
            session.execute(update(Enquiry).values(contact_sealed=None, first_name_sealed=None))
            session.execute(update(Provider).values(webhook_secret_sealed=None))
        return super().seal(text)


def test_what_is_erased_meanwhile_stays_erased(sealed: Engine) -> None:
    assert rotate(sealed, Overtaken(sealed), "staff:sample", batch=1).sealed_anew == 0
    assert _opened(sealed, BOTH) == []


def test_what_no_key_opens_is_counted_and_left(sealed: Engine) -> None:
    strange = Vault([LOST], SECRET).seal("Dana")
    with transaction(sealed) as session:
        session.execute(update(Enquiry).where(Enquiry.code == "code-1").values(contact_sealed=strange))
    assert rotate(sealed, BOTH, "staff:sample") == Rotated(2 * VISITORS, 0, 1, 0)
    with transaction(sealed) as session:
        kept = session.execute(select(Enquiry.contact_sealed).where(Enquiry.code == "code-1")).scalar_one()
    assert kept == strange
    with pytest.raises(KeyProblem):
        BOTH.open(kept)


def test_after_a_new_secret_contacts_are_found_again(sealed: Engine) -> None:
    changed = Vault([OLD], "another secret of at least 32 characters")
    assert rotate(sealed, changed, "staff:sample") == Rotated(0, 2 * VISITORS + 1, 0, VISITORS)
    with transaction(sealed) as session:
        found = session.execute(select(Enquiry.code).where(Enquiry.contact_mark == changed.contact_mark("780 555 0103")))
        assert found.scalars().all() == ["code-3"]
        erased = session.execute(select(Enquiry.contact_mark).where(Enquiry.code == f"code-{VISITORS}")).scalar_one()
        assert erased is None


def test_the_audit_trail_says_who_and_how_much(sealed: Engine) -> None:
    rotate(sealed, BOTH, "staff:sample")
    with transaction(sealed) as session:
        entry = session.execute(select(AuditEntry)).scalar_one()
        assert (entry.actor, entry.action, entry.detail) == ("staff:sample", "keys_rotated", "11 sealed anew, 0 unopened")


def test_an_old_seal_is_not_left_in_the_file(file_database: Engine, tmp_path: Path) -> None:
    _fill(file_database)
    with transaction(file_database) as session:
        old = session.execute(select(Enquiry.contact_sealed).where(Enquiry.code == "code-1")).scalar_one()
    rotate(file_database, BOTH, "staff:sample")
    files = [path.read_bytes() for path in (tmp_path / "some").iterdir()]
    assert not any(old.encode() in content for content in files)
