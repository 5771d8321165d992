"""Imports into the directory, on SQLite and PostgreSQL: all or nothing, repeatable, and what becomes of a verification."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from databases import KINDS, empty_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_people import CELLS, DAY, TODAY, csv_text
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.handoff.directory import everybody, find, reasons_hidden, retire, verify
from bot.handoff.matching import Wish, mark_given, matches
from bot.handoff.provider_files import ProviderFileError
from bot.handoff.provider_import import Report, import_file
from bot.handoff.samples import load_samples
from bot.privacy.encryption import Vault, vault
from bot.storage.database import migrate, transaction
from bot.storage.models import AuditEntry

AT = datetime(2027, 3, 1, 15, 30)
HOOK = {"route": "webhook", "address": "https://hooks.example.com/in"}
SECRET = {"webhook_secret": "first-secret-0123456789"}
NO_VERIFICATION = {"verified_on": "", "verified_by": "", "next_check_due": ""}


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(request.param, tmp_path) as made:
        migrate(made)
        yield made


def bring(database: Engine, folder: Path, *rows: dict[str, str], at: datetime = AT) -> Report:
    """Imports rows as a file, each made of the right cells with changes; a cell of "-" leaves its column out."""
    path = folder / "providers.csv"
    full = [{name: cell for name, cell in {**CELLS, **row}.items() if cell != "-"} for row in rows]
    path.write_text(csv_text(*full), encoding="utf-8")
    with transaction(database) as session:
        return import_file(session, path, "demo", "staff:dana", at)


def stored(database: Engine, key: str = "sample-test") -> dict[str, object]:
    with transaction(database) as session:
        return {name: value for name, value in vars(find(session, key)).items() if not name.startswith("_")}


def verification(database: Engine) -> tuple[object, object, object]:
    kept = stored(database)
    return kept["verified_on"], kept["verified_by"], kept["next_check_due"]


def audit(database: Engine) -> list[tuple[str, str, str, str]]:
    with transaction(database) as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars()
        return [(entry.actor, entry.action, entry.subject, entry.detail) for entry in entries]


def test_an_import_adds_what_the_file_says(database: Engine, tmp_path: Path) -> None:
    report = bring(database, tmp_path, {}, {"key": "sample-two", "town": "Edmonton"})
    assert report == Report(["sample-test", "sample-two"], {}, [], [])
    kept = stored(database, "sample-two")
    assert (kept["town"], kept["permit_expires"]) == ("Edmonton", date(2027, 12, 31))
    with transaction(database) as session:
        assert [reasons_hidden(one, TODAY, "demo") for one in everybody(session)] == [[], []]
    assert audit(database) == [
        ("staff:dana", "provider_added", "provider sample-test", ""),
        ("staff:dana", "provider_added", "provider sample-two", ""),
    ]


def test_the_same_file_again_changes_nothing(database: Engine, tmp_path: Path) -> None:
    rows = ({}, {"key": "sample-two", **HOOK, **SECRET})
    bring(database, tmp_path, *rows)
    before, trail = [stored(database), stored(database, "sample-two")], audit(database)
    report = bring(database, tmp_path, *rows, at=AT + 5 * DAY)
    assert report == Report([], {}, ["sample-test", "sample-two"], [])
    assert [stored(database), stored(database, "sample-two")] == before
    assert audit(database) == trail


def test_one_mistake_and_nothing_of_the_file_is_imported(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ProviderFileError, match=r"providers\.csv:3: town: is empty"):
        bring(database, tmp_path, {}, {"key": "sample-two", "town": ""})
    with transaction(database) as session:
        assert everybody(session) == []
    assert audit(database) == []


def test_changes_are_named_and_noted_without_their_content(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {})
    report = bring(database, tmp_path, {"practice": "Sample Practice South", "languages": "fr"})
    assert report == Report([], {"sample-test": ["practice", "languages"]}, [], [])
    assert stored(database)["languages"] == ["fr"]
    assert audit(database)[-1] == ("staff:dana", "provider_changed", "provider sample-test", "practice, languages")


def test_who_is_not_in_the_file_stays(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {}, {"key": "sample-two"})
    assert bring(database, tmp_path, {"key": "sample-two"}) == Report([], {}, ["sample-two"], [])
    assert stored(database)["retired_on"] is None


def test_an_absent_column_stays_and_an_empty_cell_empties(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {"financial_relationship": "Rents a room here"})
    assert bring(database, tmp_path, {"financial_relationship": "-"}).unchanged == ["sample-test"]
    assert stored(database)["financial_relationship"] == "Rents a room here"
    bring(database, tmp_path, {"financial_relationship": ""})
    assert stored(database)["financial_relationship"] == ""


def test_who_is_retired_stays_so_and_keeps_their_turn(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {})
    with transaction(database) as session:
        mark_given(session, find(session, "sample-test").id, AT)
        retire(session, "sample-test", "Dana", AT)
    bring(database, tmp_path, {"practice": "Sample Practice South"})
    kept = stored(database)
    assert (kept["retired_on"], kept["last_given_at"], kept["practice"]) == (TODAY, AT, "Sample Practice South")


def test_a_file_without_a_verification_leaves_that_of_the_directory(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, NO_VERIFICATION)
    assert verification(database) == (None, "", None)
    with transaction(database) as session:
        verify(session, "sample-test", "Dana", AT)
    assert bring(database, tmp_path, {**NO_VERIFICATION, "practice": "Other Practice"}).to_verify == []
    assert verification(database) == (TODAY, "Dana", TODAY + 90 * DAY)


def test_of_two_verifications_of_the_same_facts_the_later_counts(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {})
    with transaction(database) as session:
        verify(session, "sample-test", "Dana", AT)
    assert bring(database, tmp_path, {}).unchanged == ["sample-test"]
    assert verification(database)[:2] == (TODAY, "Dana")
    later = {"verified_on": str(TODAY + DAY), "verified_by": "Robin Sample", "next_check_due": ""}
    bring(database, tmp_path, later, at=AT + 2 * DAY)
    assert verification(database) == (TODAY + DAY, "Robin Sample", TODAY + 91 * DAY)


def test_when_verified_facts_change_the_verification_goes_until_somebody_checks(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {})
    changed = {**NO_VERIFICATION, "registration_number": "S-2"}
    report = bring(database, tmp_path, changed)
    assert report.changed == {"sample-test": ["registration_number", "verified_on", "verified_by", "next_check_due"]}
    assert report.to_verify == ["sample-test"]
    assert verification(database) == (None, "", None)
    assert bring(database, tmp_path, changed).unchanged == ["sample-test"]


def test_a_verification_of_other_facts_does_not_stand_for_the_new_ones(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {})
    with transaction(database) as session:
        verify(session, "sample-test", "Dana", AT)
    changed = {"services": "wrinkles; scars; jaw"}
    assert bring(database, tmp_path, changed).to_verify == ["sample-test"]
    assert verification(database) == (date(2027, 2, 1), "Sample Staff", date(2027, 4, 15))
    assert bring(database, tmp_path, changed).unchanged == ["sample-test"]


def test_a_secret_is_sealed_kept_changed_and_dropped(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {**HOOK, **SECRET})
    sealed = str(stored(database)["webhook_secret_sealed"])
    assert "first-secret" not in sealed
    assert vault().open(sealed) == "first-secret-0123456789"
    assert bring(database, tmp_path, HOOK).unchanged == ["sample-test"]
    report = bring(database, tmp_path, {**HOOK, "webhook_secret": "second-secret-0123456789"})
    assert report.changed == {"sample-test": ["webhook_secret"]}
    assert vault().open(str(stored(database)["webhook_secret_sealed"])) == "second-secret-0123456789"
    bring(database, tmp_path, {})
    assert stored(database)["webhook_secret_sealed"] is None
    assert "secret-0123456789" not in str(audit(database))


def test_a_secret_whose_key_is_gone_is_sealed_anew(database: Engine, tmp_path: Path) -> None:
    bring(database, tmp_path, {**HOOK, **SECRET})
    lost = Vault([Fernet.generate_key().decode()], "some other secret of 32 characters")
    with transaction(database) as session:
        find(session, "sample-test").webhook_secret_sealed = lost.seal(SECRET["webhook_secret"])
    bring(database, tmp_path, {**HOOK, **SECRET})
    assert vault().open(str(stored(database)["webhook_secret_sealed"])) == SECRET["webhook_secret"]


def test_a_webhook_needs_a_secret_and_is_told_with_the_other_mistakes(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ProviderFileError) as caught:
        bring(database, tmp_path, HOOK, {"key": "sample-two", "town": ""})
    assert [(line, field) for line, field, _ in caught.value.problems] == [(2, "webhook_secret"), (3, "town")]
    bring(database, tmp_path, {})
    with pytest.raises(ProviderFileError, match="webhook_secret: is needed"):
        bring(database, tmp_path, HOOK)


def test_two_who_import_the_same_at_once_add_it_once(database: Engine, tmp_path: Path) -> None:
    path = tmp_path / "providers.csv"
    path.write_text(csv_text(*({**CELLS, "key": f"sample-{number}"} for number in range(20))), encoding="utf-8")

    def once(_: int) -> int:
        with transaction(database) as session:
            return len(import_file(session, path, "demo", "staff:dana", AT).added)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(once, range(4))) == [0, 0, 0, 20]
    with transaction(database) as session:
        assert len(everybody(session)) == 20


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "practice": st.sampled_from(["Sample Practice", "Sample Practice South"]),
        "services": st.sampled_from(["scars", "wrinkles; scars"]),
        "permit_expires": st.sampled_from(["2027-12-31", "2028-03-31"]),
        "financial_relationship": st.sampled_from(["", "Rents a room here", "-"]),
        "verified": st.sampled_from([None, TODAY - 40 * DAY, TODAY - 5 * DAY, TODAY]),
    },
)


def as_cells(changes: dict[str, object]) -> dict[str, str]:
    cells = {name: str(cell) for name, cell in changes.items() if name != "verified"}
    if "verified" not in changes:
        return cells
    day = changes["verified"]
    return {**cells, **NO_VERIFICATION, **({"verified_on": str(day), "verified_by": "Robin Sample"} if day else {})}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(files=st.lists(CHANGES, min_size=1, max_size=5))
def test_after_any_history_the_last_file_again_changes_nothing(
    database: Engine, tmp_path: Path, files: list[dict[str, object]]
) -> None:
    for number, changes in enumerate(files):
        bring(database, tmp_path, as_cells(changes), at=AT + timedelta(minutes=number))
    before = stored(database)
    assert bring(database, tmp_path, as_cells(files[-1])).unchanged == ["sample-test"]
    assert stored(database) == before


def test_the_samples_never_lapse_and_are_never_offered_in_production(database: Engine) -> None:
    for today in (TODAY, TODAY, TODAY + DAY, TODAY + 400 * DAY, date(2028, 2, 29)):
        with transaction(database) as session:
            report = load_samples(session, today)
        with transaction(database) as session:
            found = everybody(session)
            assert all(one.sample and "Sample" in one.legal_name and one.key.startswith("sample-") for one in found)
            hidden = {one.key: reasons_hidden(one, today, "demo") for one in found}
            assert [reasons for reasons in hidden.values() if reasons] == [["has not agreed to be listed"]]
            assert matches(session, Wish("general"), today, "production", most=9) == []
            assert all(reasons_hidden(one, today + 60 * DAY, "demo") in ([], hidden[one.key]) for one in found)
    assert report.added == []


def test_the_samples_show_what_a_directory_can_hold(database: Engine) -> None:
    with transaction(database) as session:
        assert len(load_samples(session, TODAY).added) == 5
        found = everybody(session)
        assert {one.route for one in found} == {"email", "webhook"}
        assert len({one.town for one in found}) == 3
        assert sum(bool(one.financial_relationship) for one in found) == 1
