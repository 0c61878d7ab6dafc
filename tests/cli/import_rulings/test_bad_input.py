"""Bad input in a file of rulings is reported by line and field, and never published."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from cli.import_rulings.run import Report, checked_lines
from shared.files.form import UnusableFileError

TODAY = date(2026, 11, 21)
APPLICATION_ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
RULING = {
    "type": "CaseRuled",
    "application_id": APPLICATION_ID,
    "version": 1,
    "ruling_id": "R-1",
    "step": "funding",
    "ruling": "approved",
    "ruled_at": "2026-11-20T15:00:00+08:00",
}
COMPLETION = {
    "type": "ProjectCompleted",
    "application_id": APPLICATION_ID,
    "stream": "assessment",
    "factory_registration_number": "91441900PDY0001750",
    "completed_on": "2024-02-29",
    "report_approved": True,
}
WHOLE = "Must be a whole number."
ONE_LINE = "Must be on one line"
UUID = "Must be a UUID."
AMOUNTS = [
    ("a negative amount", "-1", "greater than 0."),
    ("nothing as amount", "0", "greater than 0."),
    ("a fraction of a cent", "100.5", WHOLE),
    ("an absurd amount", "100000000001", "less than or equal to 100000000000."),
    ("an amount in exponents", "1e5", WHOLE),
]
NO_JSON_NUMBERS = ["NaN", "Infinity", "-Infinity"]
# As JSON writes them: halves of surrogate pairs, and what is not to be seen.
TEXTS = [
    ("a null byte", "a\\u0000b", ONE_LINE),
    ("CR and LF", "a\\r\\nBcc: b@b.org", ONE_LINE),
    ("LF", "a\\nb", ONE_LINE),
    ("a line separator", "a\\u2028b", ONE_LINE),
    ("a right-to-left mark", "a\\u200fb", ONE_LINE),
    ("a right-to-left override", "a\\u202eb", ONE_LINE),
    ("a right-to-left isolate", "a\\u2067b", ONE_LINE),
    ("an Arabic letter mark", "a\\u061cb", ONE_LINE),
    ("nothing visible", "\\u200b\\u3164", ONE_LINE),
    ("an accent alone", "\\u0301", ONE_LINE),
    ("private use alone", "\\ue000", ONE_LINE),
    ("a noncharacter", "a\\ufdd0", ONE_LINE),
    ("half of a surrogate pair", "a\\ud800", "surrogate"),
    ("the other half", "\\udc00b", "surrogate"),
]
named = {"ids": lambda value: value if isinstance(value, str) and len(value) < 40 else ""}


def complaints(file: Path) -> dict[str, str]:
    """Check a file of one line; nothing of it may come out as an event."""
    report = Report()
    assert list(checked_lines(file, TODAY, report)) == []
    return {each.field: each.rule for each in report.complaints}


def ndjson(tmp_path: Path, body: str | bytes) -> Path:
    file = tmp_path / "rulings.ndjson"
    file.write_bytes((body.encode() if isinstance(body, str) else body) + b"\n")
    return file


def of_csv(tmp_path: Path, row: dict[str, object]) -> Path:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(row))
    writer.writeheader()
    writer.writerow(row)
    file = tmp_path / "rulings.csv"
    file.write_bytes(written.getvalue().encode(errors="surrogatepass"))
    return file


def with_text(document: dict[str, object], field: str, text: str) -> str:
    """Write JSON that has this text, as it stands, in one field."""
    return json.dumps({**document, field: "HERE"}).replace('"HERE"', text)


@pytest.mark.parametrize("field", ["grant_cents", "adjusted_cost_cents"])
@pytest.mark.parametrize(("name", "amount", "rule"), AMOUNTS, **named)
def test_an_amount_that_nobody_can_grant_is_refused(tmp_path, field, name, amount, rule):
    in_json = complaints(ndjson(tmp_path, with_text(RULING, field, amount)))
    in_csv = complaints(of_csv(tmp_path, {**RULING, field: amount}))

    assert rule in in_json[f"/{field}"], name
    assert rule in in_csv[field], name


@pytest.mark.parametrize("amount", NO_JSON_NUMBERS)
def test_an_amount_that_is_not_finite_is_refused(tmp_path, amount):
    in_json = complaints(ndjson(tmp_path, with_text(RULING, "grant_cents", amount)))
    in_csv = complaints(of_csv(tmp_path, {**RULING, "grant_cents": amount}))

    assert "Must be JSON" in in_json[""]
    assert in_csv["grant_cents"] == WHOLE


def test_an_amount_beyond_all_floats_or_of_endless_digits_is_refused(tmp_path):
    for amount in ("1e999", "9" * 5_000):
        assert complaints(ndjson(tmp_path, with_text(RULING, "grant_cents", amount)))
        assert complaints(of_csv(tmp_path, {**RULING, "grant_cents": amount}))["grant_cents"]


@pytest.mark.parametrize(
    "day",
    ["2024-02-30", "2023-02-29", "2024-13-01", "20240229", "31.5.2024", "1796083200", "0", "1.5e9"],
)
def test_a_day_that_is_none_is_refused(tmp_path, day):
    rule = "Must be a valid date"

    assert rule in complaints(of_csv(tmp_path, {**COMPLETION, "completed_on": day}))["completed_on"]
    in_json = complaints(ndjson(tmp_path, json.dumps({**COMPLETION, "completed_on": day})))
    assert rule in in_json["/completed_on"]


@pytest.mark.parametrize(
    "moment", ["1796083200", "0", "1.5e9", "2026-11-20 15:00:00Z", "2026-11-20T15:00Z"]
)
def test_a_moment_in_another_form_than_that_of_rfc_3339_is_refused(tmp_path, moment):
    document = {**RULING, "ruled_at": moment}
    rule = "Must be a valid datetime, such as 2026-11-20T15:00:00+08:00."

    assert complaints(ndjson(tmp_path, json.dumps(document)))["/ruled_at"] == rule
    assert complaints(of_csv(tmp_path, document))["ruled_at"] == rule


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        ("9999-12-31T23:59:59-10:00", "Must not be in the future."),
        ("0001-01-01T00:00:00+10:00", "Must not be before 2008, when the Programme started."),
    ],
)
def test_a_moment_at_the_end_of_the_calendar_is_refused(tmp_path, moment, rule):
    document = {**RULING, "ruled_at": moment}

    assert complaints(of_csv(tmp_path, document)) == {"ruled_at": rule}


@pytest.mark.parametrize(
    "malformed",
    ["not-an-id", APPLICATION_ID.replace("-", ""), f"{APPLICATION_ID}\n"],
)
def test_an_id_that_is_no_uuid_is_refused(tmp_path, malformed):
    document = {**RULING, "application_id": malformed}

    assert complaints(ndjson(tmp_path, json.dumps(document)))["/application_id"] == UUID
    assert complaints(of_csv(tmp_path, document))["application_id"] == UUID


@pytest.mark.parametrize("sentence", ["en", "zh_hant", "zh_hans", "code", "source"])
@pytest.mark.parametrize(("name", "text", "rule"), TEXTS, **named)
def test_a_text_that_mails_would_show_is_refused(tmp_path, name, text, rule, sentence):
    reason = dict.fromkeys(("code", "source", "en", "zh_hant", "zh_hans"), "x")
    in_json = json.dumps({**RULING, "reasons": [{**reason, sentence: "HERE"}]})
    cells = {f"reason_{each}": value for each, value in reason.items()}
    raw = json.loads(f'"{text}"')

    told_of_json = complaints(ndjson(tmp_path, in_json.replace("HERE", text)))
    told_of_csv = complaints(of_csv(tmp_path, {**RULING, **cells, f"reason_{sentence}": raw}))

    assert any(rule in each for each in told_of_json.values()), name
    assert any(rule in each for each in told_of_csv.values()), name
    assert f"reason_{sentence}" in told_of_csv


@pytest.mark.parametrize(("name", "text", "rule"), TEXTS, **named)
def test_a_measure_or_case_number_with_such_a_text_is_refused(tmp_path, name, text, rule):
    old = {name: value for name, value in COMPLETION.items() if name != "application_id"}
    raw = json.loads(f'"{text}"')

    in_json = complaints(ndjson(tmp_path, with_text(old, "case_number", f'"{text}"')))
    of_measure = with_text(COMPLETION, "recommended_measures", f'["{text}"]')
    reported = complaints(ndjson(tmp_path, of_measure))

    assert any(rule in each for each in in_json.values()), name
    assert any(rule in each for each in reported.values()), name
    assert "case_number" in complaints(of_csv(tmp_path, {**old, "case_number": raw}))


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ('{"type": "CaseRuled", "version": 1, "version": 2}', "/version", "Must appear once"),
        ('{"type": "CaseRuled", "\\u0074ype": "CaseRuled"}', "/type", "Must appear once"),
        (json.dumps({**RULING, "$where": "1"}), "/$where", "Must not be given for this type"),
        (json.dumps({**RULING, "grant_cents": {"$gt": 0}}), "/grant_cents", WHOLE),
        (json.dumps({**RULING, "ruling_id": {"$ne": None}}), "/ruling_id", "valid string"),
        (json.dumps({**RULING, "application_id": {"$ne": 1}}), "/application_id", "valid string"),
        ('{"type": ' + "[" * 300 + "]" * 300 + "}", "type", "Must be one of CaseRuled"),
        ('{"type": ' + "[" * 50_000, "/type/0/0/0/0/0/0/0", "nested so deeply"),
        (b'{"type": "\x00"}', "/type", ONE_LINE),
        (b'{"type": "\xff"}', "", "Must be JSON"),
    ],
)
def test_json_that_a_parser_would_let_pass_or_choke_on_is_refused(tmp_path, body, field, rule):
    assert rule in complaints(ndjson(tmp_path, body))[field]


@pytest.mark.parametrize("column", ["$set", "grant_cents.$gt", "\u202eversion", "a\x00b"])
def test_a_column_that_no_ruling_has_is_no_file_of_rulings(tmp_path, column):
    with pytest.raises(UnusableFileError, match="unknown column"):
        complaints(of_csv(tmp_path, {**RULING, column: "1"}))
