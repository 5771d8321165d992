"""Provider files, CSV and YAML: what is right is read, what is wrong is told with file and line, all of it at once."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sample_people import CELLS, DAY, TODAY, csv_text

from bot.handoff import provider_files
from bot.handoff.provider_files import ProviderFileError, read_rows
from bot.handoff.provider_reading.fields import COLUMNS, REQUIRED, ProviderRow
from bot.storage.models import Provider

DOCS = Path(__file__).parents[2] / "docs" / "providers.md"
UNKNOWN = "is not a column that is known; docs/providers.md lists them"
NOT_IN_FILES = {"id", "retired_on", "last_given_at"}


def read(folder: Path, text: str | bytes, name: str = "providers.csv", environment: str = "demo") -> list[ProviderRow]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows, problems = read_rows(path, TODAY, environment)
    if problems:
        raise ProviderFileError(path, problems)
    return [row for _, row in rows]


def wrong(folder: Path, text: str | bytes, name: str = "providers.csv", environment: str = "demo") -> list[str]:
    with pytest.raises(ProviderFileError) as caught:
        read(folder, text, name, environment)
    return str(caught.value).split("\n")[:-1]


def wrong_with(folder: Path, environment: str = "demo", **cells: str) -> list[str]:
    """What is wrong with a row that would be right but for these cells; the same as YAML gives the same."""
    row = {**CELLS, **cells}
    said = wrong(folder, csv_text(row), environment=environment)
    plain = [line.split(":", 2)[2] for line in said]
    as_yaml = wrong(folder, yaml.safe_dump([row], sort_keys=False), "providers.yml", environment)
    assert sorted(line.split(":", 2)[2] for line in as_yaml) == sorted(plain)
    assert all(line.startswith("providers.csv:2: ") for line in said)
    return [text.strip() for text in plain]


def test_a_right_row_is_read_into_what_the_directory_keeps(tmp_path: Path) -> None:
    (row,) = read(tmp_path, csv_text(CELLS))
    assert (row.key, row.services, row.languages) == ("sample-test", ["wrinkles", "scars"], ["en", "fr"])
    assert (row.needle_authorisation, row.sample, row.years_of_facial_needling) == (True, True, 3)
    assert row.verified_on == TODAY - 28 * DAY


def test_the_columns_are_those_of_the_table() -> None:
    columns = {column.name.removesuffix("_sealed") for column in Provider.__table__.columns}
    assert set(COLUMNS) == columns - NOT_IN_FILES
    for name, field in ProviderRow.__fields__.items():
        width = getattr(Provider.__table__.columns.get(name, Provider.__table__.c.town).type, "length", None)
        if name != "webhook_secret" and width and field.field_info.max_length:
            assert field.field_info.max_length == width, name


def test_the_documentation_names_every_column_and_its_template_is_right(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in text] == []
    template = re.search(r"```csv\n(.*?)```", text, re.DOTALL)
    assert template is not None
    (row,) = read(tmp_path, template[1])
    assert row.sample
    assert tuple(template[1].split("\n")[0].split(",")) == COLUMNS


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_from_windows_and_from_spreadsheets(tmp_path: Path, line_end: str, mark: bytes) -> None:
    text = csv_text(CELLS, {**CELLS, "key": "sample-two", "practice": "Sample, with comma"}, line_end=line_end)
    rows = read(tmp_path, mark + text.encode())
    assert [row.key for row in rows] == ["sample-test", "sample-two"]
    assert rows[1].practice == "Sample, with comma"


def test_blank_lines_and_rows_of_empty_cells_are_passed_over(tmp_path: Path) -> None:
    empty = "," * (len(CELLS) - 1)
    text = "\n" + csv_text(CELLS).replace("\n", f"\n\n{empty}\n")
    assert len(read(tmp_path, text)) == 1


def test_lines_are_counted_through_quoted_line_ends(tmp_path: Path) -> None:
    bad = {**CELLS, "key": "sample-two", "permit_expires": "soon"}
    text = csv_text({**CELLS, "practice": "Sample\nPractice"}, bad)
    said = wrong(tmp_path, text)
    assert said[0].startswith("providers.csv:2: practice: holds characters that cannot be seen, or more than one line")
    assert said[1].startswith("providers.csv:4: permit_expires: 'soon' is not a date")


def test_everything_wrong_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    rows = [
        {**CELLS, "key": "sample-a", "services": "wrinkles; tattoos", "register_link": "http://register.example.com"},
        {**CELLS, "key": "sample-b"},
        {**CELLS, "key": "sample-c", "verified_on": "2027-03-02", "permit_expires": "31/12/2027"},
        {**CELLS, "key": "sample-b"},
    ]
    assert wrong(tmp_path, csv_text(*rows)) == [
        "providers.csv:2: register_link: must begin with https://",
        "providers.csv:2: services: 'tattoos' is not one of: wrinkles, scars, jaw, skin_tone, general",
        "providers.csv:4: permit_expires: '31/12/2027' is not a date: write it as 2027-03-31",
        "providers.csv:4: verified_on: is yet to come",
        "providers.csv:5: key: 'sample-b' stands already in line 3",
    ]


def test_in_yaml_every_mistake_has_the_line_of_its_field(tmp_path: Path) -> None:
    second = {**CELLS, "town": ["a"], "permit_expires": {"day": 1}}
    text = yaml.safe_dump([{**CELLS, "language": "en"}, second], sort_keys=False)
    lines = text.split("\n")
    said = wrong(tmp_path, text, "providers.yaml")
    at = {line.split(": ")[1]: int(line.split(":")[1]) for line in said}
    assert set(at) == {"language", "town", "permit_expires", "key"}
    assert all(lines[line - 1].lstrip("- ").startswith(field) for field, line in at.items())


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"key": "Not A Key"}, "key: 'Not A Key': two to 60 letters"),
        ({"key": ""}, "key: is empty"),
        ({"legal_name": "=cmd|' /C calc'!A0"}, "legal_name: begins with '=', which a spreadsheet takes for a formula"),
        ({"legal_name": "+Sample"}, "legal_name: begins with '+'"),
        ({"practice": "@SUM(A1)"}, "practice: begins with '@'"),
        ({"practice": "-1+1"}, "practice: begins with '-'"),
        ({"town": "＝cmd"}, "town: begins with '＝'"),
        ({"legal_name": "<script>alert(1)</script>"}, "legal_name: holds < or >"),
        ({"legal_name": "Sample\nBcc: all@example.com"}, "legal_name: holds characters that cannot be seen"),
        ({"legal_name": "Sample \u202eelpmas"}, "legal_name: holds characters that cannot be seen"),
        ({"legal_name": "S" * 121}, "legal_name: is longer than 120 characters"),
        ({"legal_name": "S"}, "legal_name: is shorter than 2 characters"),
        ({"profession": "magician"}, "profession: 'magician' is not one of: physiotherapist,"),
        ({"permit_status": "fine"}, "permit_status: 'fine' is not one of: active,"),
        ({"permit_expires": ""}, "permit_expires: is empty"),
        ({"permit_expires": "20271231"}, "permit_expires: '20271231' is not a date"),
        ({"permit_expires": "2027-02-30"}, "permit_expires: '2027-02-30' is no day of the calendar"),
        ({"permit_expires": "２０２７-12-31"}, "permit_expires: '２０２７-12-31' is not a date"),
        ({"permit_expires": "2206-12-31"}, "permit_expires: lies many years ahead"),
        ({"insurance_expires": "2206-12-31"}, "insurance_expires: lies many years ahead"),
        ({"training_date": "2027-03-02"}, "training_date: is yet to come"),
        ({"consented_on": "2027-03-02"}, "consented_on: is yet to come"),
        ({"needle_authorisation": "maybe"}, "needle_authorisation: write yes or no"),
        ({"needle_authorisation": ""}, "needle_authorisation: is empty"),
        ({"years_of_facial_needling": "many"}, "years_of_facial_needling: write a whole number"),
        ({"years_of_facial_needling": "-1"}, "years_of_facial_needling: begins with '-'"),
        ({"years_of_facial_needling": "81"}, "years_of_facial_needling: should not be more than 80"),
        ({"services": ""}, "services: is empty"),
        ({"services": " ; ,"}, "services: is empty"),
        ({"languages": "en; klingon"}, "languages: 'klingon' is not one of: en, fr,"),
        ({"contact_by": "fax"}, "contact_by: 'fax' is not one of: phone, text, email"),
        ({"register_link": "register.example.com"}, "register_link: must begin with https://"),
        ({"register_link": "https://dana:secret@register.example.com"}, "register_link: must not hold a user name"),
        ({"register_link": 'https://register.example.com/"onclick'}, "register_link: is not an address"),
        ({"register_link": "https://localhost/register"}, "register_link: is not the address of a website"),
        ({"register_link": "https://register.example.com:99999/"}, "register_link: is not an address"),
        ({"register_link": "javascript:alert(1)"}, "register_link: must begin with https://"),
        ({"route": "pigeon"}, "route: 'pigeon' is not one of: email, webhook"),
        ({"address": "not an address"}, "address: is not an email address:"),
        ({"address": "a@example.com, b@example.com"}, "address: is not an email address:"),
        ({"address": "a@example.com\r\nBcc: b@example.com"}, "address: holds characters that cannot be seen"),
        ({"address": "https://hooks.example.com/in"}, "address: is not an email address:"),
        ({"route": "webhook", "address": "http://hooks.example.com/in"}, "address: must begin with https://"),
        ({"route": "webhook", "address": "http://127.0.0.1.example.com/in"}, "address: must begin with https://"),
        ({"route": "webhook", "address": "http://localhost:80/in"}, "address: must begin with https://"),
        ({"route": "webhook", "address": "sample@example.com"}, "address: must begin with https://"),
        ({"webhook_secret": "0123456789abcdef"}, "webhook_secret: is for the route webhook only"),
        ({"verified_by": ""}, "verified_by: is empty, but verified_on is not"),
        ({"verified_on": "", "next_check_due": ""}, "verified_on: is empty, but verified_by is not"),
        ({"verified_on": "", "verified_by": ""}, "verified_on: is needed for next_check_due"),
        ({"sample": "no"}, "sample: should be yes: this looks like an invented entry"),
        ({"sample": ""}, "sample: should be yes: this looks like an invented entry"),
    ],
)
def test_each_mistake_is_told_by_itself_in_plain_words(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    found = wrong_with(tmp_path, **cells)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    hook = {"route": "webhook", "address": "https://hooks.example.com/in"}
    found = wrong_with(tmp_path, **hook, webhook_secret="short-canary")
    assert found == ["webhook_secret: is shorter than 16 characters"]
    found = wrong_with(tmp_path, **hook, webhook_secret="canary" * 40)
    assert found == ["webhook_secret: is longer than 200 characters"]


def test_a_secret_may_begin_with_any_sign(tmp_path: Path) -> None:
    hook = {"route": "webhook", "address": "http://127.0.0.1:8099/in", "webhook_secret": "=+<0123456789abc>"}
    (row,) = read(tmp_path, csv_text({**CELLS, **hook}))
    assert row.webhook_secret == "=+<0123456789abc>"


REAL = {"key": "one", "legal_name": "Test Provider One", "address": "office@practice.example", "sample": "no"}


def test_production_takes_no_samples_and_no_plain_http(tmp_path: Path) -> None:
    assert wrong_with(tmp_path, "production") == ["sample: is for the demo only: ENVIRONMENT=production takes no samples"]
    hook = {"route": "webhook", "address": "http://127.0.0.1:8099/in", "webhook_secret": "0123456789abcdef"}
    assert wrong_with(tmp_path, "production", **{**REAL, **hook}) == ["address: must begin with https:// in production"]
    (row,) = read(tmp_path, csv_text({**CELLS, **REAL}), environment="production")
    assert not row.sample


@pytest.mark.parametrize("invented", [{"key": "sample-x"}, {"legal_name": "A Sample"}, {"address": "dana@EXAMPLE.com"}])
def test_what_looks_invented_must_say_so(tmp_path: Path, invented: dict[str, str]) -> None:
    found = wrong_with(tmp_path, **{**REAL, **invented})
    assert found == ["sample: should be yes: this looks like an invented entry"]


def test_lists_words_and_spaces_are_forgiving(tmp_path: Path) -> None:
    cells = {
        "key": "Sample-Test",
        "legal_name": "  Sample  Provider\u00a0Test ",
        "profession": "Physiotherapist",
        "services": "Skin tone, SCARS | scars",
        "languages": "English; fr; French",
        "needle_authorisation": "TRUE",
        "permit_status": "Active",
        "address": "Sample@EXAMPLE.com",
    }
    (row,) = read(tmp_path, csv_text({**CELLS, **cells}))
    assert (row.key, row.legal_name, row.profession) == ("sample-test", "Sample Provider Test", "physiotherapist")
    assert (row.services, row.languages, row.permit_status) == (["skin_tone", "scars"], ["en", "fr"], "active")
    assert row.address == "Sample@example.com"


def test_yaml_takes_lists_dates_and_nothing(tmp_path: Path) -> None:
    cells: dict[str, Any] = {
        **CELLS,
        "services": ["wrinkles"],
        "languages": ["en"],
        "consented_on": None,
        "permit_expires": TODAY + DAY,
        "needle_authorisation": True,
        "years_of_facial_needling": 3,
    }
    (row,) = read(tmp_path, yaml.safe_dump([cells]), "providers.yml")
    assert (row.services, row.consented_on, row.permit_expires) == (["wrinkles"], None, TODAY + DAY)


def test_only_a_sample_may_have_days_relative_to_today(tmp_path: Path) -> None:
    (row,) = read(tmp_path, csv_text({**CELLS, "verified_on": "today - 3", "permit_expires": "today + 30"}))
    assert (row.verified_on, row.permit_expires) == (TODAY - 3 * DAY, TODAY + 30 * DAY)
    found = wrong_with(tmp_path, **{**REAL, "permit_expires": "today + 30"})
    assert found == ["permit_expires: 'today + 30' is not a date: write it as 2027-03-31"]


def test_a_field_that_the_file_does_not_have_is_not_an_empty_one(tmp_path: Path) -> None:
    without = {name: cell for name, cell in CELLS.items() if name != "financial_relationship"}
    (row,) = read(tmp_path, csv_text(without))
    assert "financial_relationship" not in row.__fields_set__
    (row,) = read(tmp_path, csv_text(CELLS))
    assert "financial_relationship" in row.__fields_set__


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_column_that_is_missing_is_told_once(tmp_path: Path, name: str) -> None:
    row, another = ({column: cell for column, cell in {**CELLS, "key": key}.items() if column != name} for key in "ab")
    assert wrong(tmp_path, csv_text(row, another))[0] == f"providers.csv:1: {name}: this column is missing"
    assert f"providers.yml:1: {name}: is missing" in wrong(tmp_path, yaml.safe_dump([row]), "providers.yml")


@pytest.mark.parametrize(
    ("column", "instead", "said"),
    [
        ("town", "twon", ["town: this column is missing", f"twon: {UNKNOWN}"]),
        ("town", "key", ["key: is the name of several columns", "town: this column is missing"]),
        ("permit_conditions", "", ["a column has no name"]),
        ("permit_conditions", "Sample", [f"Sample: {UNKNOWN}"]),
    ],
)
def test_headers_that_are_wrong(tmp_path: Path, column: str, instead: str, said: list[str]) -> None:
    header, row = csv_text(CELLS).split("\n", 1)
    names = [instead if name == column else name for name in header.split(",")]
    found = wrong(tmp_path, "\n".join([",".join(names), row]))
    assert [line.removeprefix("providers.csv:1: ") for line in found if line.startswith("providers.csv:1:")] == said


@pytest.mark.parametrize("separator", [";", "\t"])
def test_columns_that_are_not_separated_by_commas(tmp_path: Path, separator: str) -> None:
    found = wrong(tmp_path, csv_text(CELLS).replace(",", separator))
    assert found == ["providers.csv:1: the columns should be separated by commas"]


@pytest.mark.parametrize("cells", ["one,two", ",".join(["x"] * 40)])
def test_rows_that_are_too_short_or_too_long(tmp_path: Path, cells: str) -> None:
    (said,) = wrong(tmp_path, csv_text(CELLS) + cells)
    assert said == f"providers.csv:3: has {cells.count(',') + 1} cells, but the header has {len(CELLS)}"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("providers.csv", b"", "providers.csv:1: the file names no provider"),
        ("providers.csv", csv_text(CELLS).split("\n")[0].encode(), "providers.csv:1: the file names no provider"),
        ("providers.yml", b"# nobody yet", "providers.yml:1: the file names no provider"),
        ("providers.yml", b"[]", "providers.yml:1: the file names no provider"),
        ("providers.txt", b"", "providers.txt:1: the name of the file should end in .csv, .yml or .yaml"),
        ("providers.csv", b"key\n\n\xe9", "providers.csv:3: is not UTF-8 text; in Excel, save as 'CSV UTF-8'"),
        ("providers.csv", b'key\n"a\nb', "providers.csv:2: is not CSV: unexpected end of data"),
        ("providers.csv", b"key\n\x00", "providers.csv:2: is not CSV: line contains NUL"),
        ("providers.yml", b"- key: a\n  town: [", "providers.yml:2: is not YAML:"),
        ("providers.yml", b"- key: a\n- \x07", "providers.yml:2: holds a character that YAML does not allow"),
        ("providers.yml", b"key: a", "providers.yml:1: should hold a list"),
        ("providers.yml", b"- 1\n- [2]", "providers.yml:1: should hold one 'field: value' a line"),
        pytest.param("providers.yml", b"[" * 5000, "providers.yml:1: is ", id="deep"),
        pytest.param("providers.csv", b"x" * 2_000_001, "providers.csv:1: the file is larger than", id="large"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    assert wrong(tmp_path, content, name)[0].startswith(said)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(ProviderFileError):
            read_rows(path, TODAY, "demo")


def test_a_field_that_stands_twice_in_yaml(tmp_path: Path) -> None:
    text = yaml.safe_dump([CELLS], sort_keys=False) + "  town: Edmonton\n"
    assert wrong(tmp_path, text, "providers.yml") == [f"providers.yml:{len(CELLS) + 1}: town: stands twice in this entry"]


def test_two_entries_of_one_key_on_one_line_of_yaml(tmp_path: Path) -> None:
    text = yaml.safe_dump([CELLS, CELLS], default_flow_style=True, width=100_000)
    assert wrong(tmp_path, text, "providers.yml") == ["providers.yml:1: key: 'sample-test' stands already in line 1"]


def test_the_last_line_says_that_nothing_was_imported(tmp_path: Path) -> None:
    with pytest.raises(ProviderFileError, match=r"\nNothing was imported: one thing to mend\.$"):
        read(tmp_path, csv_text({**CELLS, "town": ""}))


def test_what_a_file_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    found = wrong(tmp_path, csv_text({**CELLS, "key": "\x1b[2J" + "x" * 500}))
    assert found[0].isprintable()
    found = wrong(tmp_path, "key,\x1b[2J\na,b\n")
    assert all(line.isprintable() and len(line) <= provider_files.LONGEST_LINE for line in found)


CONTENT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Co", "Cn", "Zl", "Zp")), max_size=40)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(practice=CONTENT, conditions=CONTENT, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_both_formats_read_the_same(tmp_path: Path, practice: str, conditions: str, quoting: int) -> None:
    row = {**CELLS, "practice": f"P {practice}", "permit_conditions": conditions}
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting).writerows([list(row), list(row.values())])
    found = []
    for name, text in (("p.csv", out.getvalue()), ("p.yml", yaml.safe_dump([row], allow_unicode=True))):
        try:
            found.append([one.dict() for one in read(tmp_path, text, name)])
        except ProviderFileError as error:
            found.append([{problem.field: problem.message} for problem in error.problems])
    assert found[0] == found[1]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=200), name=st.sampled_from(["p.csv", "p.yml"]))
@example(content="- {? [a]: b}", name="p.yml")
@example(content="- &a [*a]", name="p.yml")
@example(content="- key: !!python/object/apply:os.system [ls]", name="p.yml")
@example(content="- <<: {key: a}", name="p.yml")
def test_whatever_a_file_holds_it_is_refused_in_words(tmp_path: Path, content: bytes | str, name: str) -> None:
    assert wrong(tmp_path, content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"), name)
