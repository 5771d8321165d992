"""`clinic.yml`: what is wrong is named by its field, what is empty is missing, numbers stay as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import ROOT, SettingsError, read_clinic

GOOD = {
    "name": "Test Clinic",
    "town": "Testville",
    "phone": "780-555-0100",
    "email": "desk@clinic.example.com",
    "booking_link": "https://clinic.example.com/book",
}
WRONG = [
    ("name", '""'),
    ("name", "x"),
    ("town", "~"),
    ("phone", "call us"),
    ("phone", "[1, 2]"),
    ("email", "desk"),
    ("booking_link", "javascript:alert(1)"),
    ("booking_link", "clinic.example.com"),
    ("article_link", "ftp://clinic.example.com"),
    ("emergency_number", '""'),
    ("emergency_number", "nine one one"),
    ("crisis_number", "9"),
    ("colour", "blue"),
    ("1", "x"),
]


def written(folder: Path, **fields: str) -> Path:
    path = folder / "clinic.yml"
    path.write_text("".join(f"{name}: {value}\n" for name, value in {**GOOD, **fields}.items()), encoding="utf-8")
    return path


def test_the_projects_own_file_is_right() -> None:
    assert read_clinic(ROOT / "clinic.yml").emergency_number == "911"


@pytest.mark.parametrize(("field", "value"), WRONG, ids=[f"{field}={value}" for field, value in WRONG])
def test_a_wrong_value_names_the_file_and_the_field(tmp_path: Path, field: str, value: str) -> None:
    path = written(tmp_path, **{field: value})
    with pytest.raises(SettingsError) as error:
        read_clinic(path)
    assert f"{path}: {field}: " in str(error.value)


@pytest.mark.parametrize("value", ["", '""', '"  "', "~", "null"])
def test_an_empty_field_is_missing(tmp_path: Path, value: str) -> None:
    clinic = read_clinic(written(tmp_path, phone=value, address=value))
    assert clinic.phone is None
    assert clinic.facts()["clinic_address"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("hours", "8:30"), ("phone", "0755"), ("address", "12"), ("emergency_number", "000"), ("hours", "yes")],
)
def test_what_looks_like_a_number_to_yaml_stays_as_it_is_written(tmp_path: Path, field: str, value: str) -> None:
    assert getattr(read_clinic(written(tmp_path, **{field: value})), field) == value


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name: [", "not valid YAML"),
        (b"- a\n- b\n", "name: value"),
        (b"", "name: value"),
        (b"name: \xff", "not UTF-8"),
        (b"? [a]\n: b", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_list_of_fields_is_refused_in_one_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "clinic.yml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=told) as error:
        read_clinic(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yml: cannot be read"):
        read_clinic(tmp_path / "nowhere.yml")


def test_the_facts_carry_the_names_that_the_responses_use(tmp_path: Path) -> None:
    facts = read_clinic(written(tmp_path)).facts()
    assert facts["clinic_name"] == "Test Clinic"
    assert facts["clinic_booking_link"] == "https://clinic.example.com/book"
    assert facts["emergency_number"] == "911"
    assert facts["crisis_number"] == "988"
    assert "clinic_emergency_number" not in facts
