"""Every line of a file of rulings is checked: errors are reported with line, field and rule."""

import json
from datetime import date
from pathlib import Path

import pytest

from cli.import_rulings.case_numbers import id_of_case
from cli.import_rulings.check import check
from cli.import_rulings.checked import Checked
from cli.import_rulings.run import Report, checked_lines
from cli.import_rulings.source import COLUMNS, SourceLine
from shared.events.casework import CaseRuled, ObjectionReceived, ProjectCompleted
from shared.files.form import UnusableFileError

TODAY = date(2026, 11, 21)
SAMPLES = Path(__file__).parents[3] / "samples"
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
REASON = {"code": "c", "source": "s", "en": "e", "zh_hant": "t", "zh_hans": "s"}


def checked(document) -> Checked:
    found = check(SourceLine(7, json.dumps(document).encode()), TODAY)
    assert isinstance(found, Checked)
    return found


def complaints(body: bytes) -> dict[str, str]:
    found = check(SourceLine(7, body), TODAY)
    assert isinstance(found, list)
    assert {each.line for each in found} == {7}
    return {each.field: each.rule for each in found}


def csv_file(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "rulings.csv"
    file.write_bytes("".join(f"{each}\n" for each in lines).encode(errors="surrogateescape"))
    return file


def complaints_of(file: Path) -> list[tuple[int, str, str]]:
    report = Report()
    list(checked_lines(file, TODAY, report))
    return [(each.line, each.field, each.rule) for each in report.complaints]


def test_a_ruling_becomes_the_event_that_its_readers_expect():
    event = checked({**RULING, "grant_cents": 5, "reasons": [REASON]}).event

    data = CaseRuled.model_validate_json(event.value or b"")
    headers = dict(event.headers)
    assert (data.application_id, data.ruling_id, data.grant_cents) == (APPLICATION_ID, "R-1", 5)
    assert data.reasons[0].zh_hant == "t"
    assert (event.topic, event.key) == ("casework.rulings.v1", APPLICATION_ID.encode())
    assert headers["ce_type"] == b"CaseRuled"
    assert headers["ce_source"] == b"casework"
    assert headers["ce_subject"] == APPLICATION_ID.encode()
    assert headers["ce_time"] == b"2026-11-20T07:00:00.000Z"


def test_an_application_id_may_be_in_any_case():
    assert checked({**RULING, "application_id": APPLICATION_ID.upper()}) == checked(RULING)


OBJECTION = {
    "type": "ObjectionReceived",
    "application_id": APPLICATION_ID,
    "objection_id": "O-1",
    "received_at": "2026-11-20T15:00:00+08:00",
}
ON_OBJECTION = {**RULING, "step": "notice-period", "objection_id": "O-1"}


def test_an_objection_and_the_ruling_on_it_become_events():
    objection, ruling = checked(OBJECTION).event, checked(ON_OBJECTION).event

    received = ObjectionReceived.model_validate_json(objection.value or b"", extra="forbid")
    ruled = CaseRuled.model_validate_json(ruling.value or b"", extra="forbid")
    assert dict(objection.headers)["ce_type"] == b"ObjectionReceived"
    assert dict(objection.headers)["ce_time"] == b"2026-11-20T07:00:00.000Z"
    assert (received.objection_id, ruled.objection_id) == ("O-1", "O-1")
    assert objection.key == ruling.key


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        ({**OBJECTION, "objection_id": "no spaces"}, "/objection_id", "Must be 1 to 64 letters"),
        ({**OBJECTION, "received_at": "2026-12-01T00:00:00Z"}, "received_at", "in the future"),
        ({**OBJECTION, "version": 1}, "/version", "Must not be given for this type"),
        (
            {**RULING, "objection_id": "O-1"},
            "objection_id",
            "Must not be given for the step funding",
        ),
        (
            {**ON_OBJECTION, "notice_to": "2026-11-20"},
            "notice_to",
            "Must not be given for a ruling on an objection",
        ),
    ],
)
def test_what_is_wrong_about_an_objection_is_named(document, field, rule):
    [(found, complaint)] = complaints(json.dumps(document).encode()).items()

    assert found == field
    assert rule in complaint


def test_a_completion_happens_on_its_day_in_hong_kong():
    event = checked(COMPLETION).event

    data = ProjectCompleted.model_validate_json(event.value or b"")
    assert data.completed_on == date(2024, 2, 29)
    assert dict(event.headers)["ce_time"] == b"2024-02-28T16:00:00.000Z"


def test_the_same_line_always_gives_the_same_bytes_and_another_ruling_another_id():
    assert checked(RULING) == checked(RULING)
    other_reading = {**RULING, "ruled_at": "2026-11-20T07:00:00Z"}
    assert checked(RULING).event_id == checked(other_reading).event_id
    others = {**RULING, "ruling_id": "R-2"}, {**COMPLETION}
    assert len({checked(each).event_id for each in (RULING, *others)}) == 3


def test_a_case_number_has_an_id_of_its_own():
    old = {name: value for name, value in COMPLETION.items() if name != "application_id"}
    event = checked({**old, "case_number": "OIA-2016-0117"}).event

    assert event.key == b"8f84f8b1-5a9a-5538-834c-bb721aa9ac50"
    assert id_of_case("OIA-2016-0117") != id_of_case("OIA-2016-0118")


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"type": "Ruling"}, "type", "Must be one of CaseRuled, Obj"),
        ({"type": None}, "type", "Must be one of"),
        ({"application_id": "A-1"}, "/application_id", "Must be a UUID."),
        ({"case_number": "X"}, "case_number", "Must not be given with application_id"),
        ({"version": 0}, "/version", "greater than or equal to 1."),
        ({"version": "1"}, "/version", "Must be a whole number."),
        ({"ruling_id": "a b"}, "/ruling_id", "Must be 1 to 64 letters"),
        ({"step": "x"}, "/step", "Must be 'funding',"),
        ({"ruling": "maybe"}, "/ruling", "Must be 'approved' or 'refused'."),
        ({"ruled_at": "2026-11-20T15:00:00"}, "/ruled_at", "Must have a time zone"),
        ({"ruled_at": "2026-02-30T15:00:00Z"}, "/ruled_at", "Must be a valid datetime"),
        ({"ruled_at": "2026-11-22T00:00:00+08:00"}, "ruled_at", "Must not be in the future."),
        ({"ruled_at": "2007-12-31T00:00:00Z"}, "ruled_at", "Must not be before 2008"),
        ({"adjusted_cost_cents": -1}, "/adjusted_cost_cents", "greater than 0."),
        ({"grant_cents": 0.5}, "/grant_cents", "Must be a whole number."),
        ({"notice_from": "2026-11-01"}, "notice_from", "Must not be given for the step funding"),
        (
            {"step": "notice-period", "notice_from": "2026-11-02", "notice_to": "2026-11-01"},
            "notice_to",
            "Must not be before notice_from.",
        ),
        (
            {"step": "document-check", "grant_cents": 1},
            "grant_cents",
            "Must not be given for the step",
        ),
        ({"stream": "assessment"}, "/stream", "Must not be given for this type: leave it out."),
        ({"$set": {}}, "/$set", "Must not be given for this type"),
        ({"reasons": [{**REASON, "en": "a\r\nBcc: b"}]}, "reason_en", "Must be on one line"),
        ({"reasons": [{**REASON, "zh_hant": "a\u202eb"}]}, "reason_zh_hant", "one line"),
        ({"reasons": [{"code": "c"}]}, "/reasons/0/en", "Must be given."),
    ],
)
def test_an_invalid_ruling_is_reported_at_its_field(change, field, rule):
    found = complaints(json.dumps({**RULING, **change}).encode())

    assert rule in found[field]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"completed_on": "2023-02-29"}, "/completed_on", "Must be a valid date"),
        ({"completed_on": "2026-11-22"}, "completed_on", "Must not be in the future."),
        ({"report_approved": "yes"}, "/report_approved", "Must be true or false."),
        ({"stream": "recognition"}, "/stream", "Must be 'assessment'"),
        ({"factory_registration_number": "x"}, "/factory_registration_number", "8 to 20 capital"),
        ({"recommended_measures": ["a\nb"]}, "/recommended_measures/0", "Must be on one line"),
        ({"recommended_measures": "a"}, "/recommended_measures", "Must be a list."),
    ],
)
def test_an_invalid_completion_is_reported_at_its_field(change, field, rule):
    assert rule in complaints(json.dumps({**COMPLETION, **change}).encode())[field]


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b"{", "", "Must be JSON"),
        (b"\xff", "", "Must be JSON"),
        (b"[]", "", "Must be a JSON object."),
        (b'{"type": "CaseRuled", "type": "CaseRuled"}', "/type", "Must appear once"),
        (b'{"type": "\\ud800"}', "/type", "surrogate"),
        (b'{"type": "CaseRuled"}', "application_id", "Must be given, or case_number"),
        (b'{"type": "CaseRuled", "case_number": 1}', "case_number", "Must be a valid string"),
        (b'{"a":' * 5_000, "/a/a/a/a/a/a/a/a", "Must not be nested so deeply"),
    ],
)
def test_a_line_that_is_not_a_ruling_is_reported(body, field, rule):
    assert rule in complaints(body)[field]


def test_both_samples_are_right_and_say_the_same():
    events = []
    for name in ("rulings.csv", "rulings.ndjson"):
        report = Report()
        events.append([each.event for each in checked_lines(SAMPLES / name, TODAY, report)])
        assert report.invalid == 0

    assert events[0] == events[1]
    assert len(events[0]) == 4


def test_errors_in_csv_name_line_and_column(tmp_path):
    file = csv_file(
        tmp_path,
        "type,case_number,stream,factory_registration_number,completed_on,report_approved,"
        "recommended_measures",
        "ProjectCompleted,C-1,assessment,91441900PDY0001750,2024-05-31,true,a|b",
        "",
        "ProjectCompleted,C-2,assessment,91441900PDY0001750,31.5.2024,maybe,a||b",
        "ProjectCompleted,C-3,assessment,91441900PDY0001750,2024-05-31",
        "ProjectCompleted,C-4,assessment,91441900PDY0001750,2024-05-31,true,a,b",
        "ProjectCompleted,C-\udcff,assessment,91441900PDY0001750,2024-05-31,true,",
    )

    found = complaints_of(file)

    assert [(line, field) for line, field, _ in found] == [
        (4, "completed_on"),
        (4, "report_approved"),
        (4, "recommended_measures"),
        (5, "report_approved"),
        (6, "more cells than columns"),
        (7, "case_number"),
    ]


def test_an_incomplete_reason_in_csv_is_reported_by_its_columns(tmp_path):
    file = csv_file(
        tmp_path,
        "type,application_id,version,ruling_id,step,ruling,ruled_at,reason_code,reason_en",
        f"CaseRuled,{APPLICATION_ID},1,R,funding,refused,2026-11-20T15:00:00+08:00,c,e",
    )

    assert {field for _, field, _ in complaints_of(file)} == {
        "reason_source",
        "reason_zh_hant",
        "reason_zh_hans",
    }


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("type,case", "unknown column 'case'"),
        ("type,version,version", "column 'version' is given more than once"),
        ("version", "no column 'type'"),
        ("", "no column 'type'"),
    ],
)
def test_a_csv_with_another_header_is_no_file_of_rulings(tmp_path, header, what):
    with pytest.raises(UnusableFileError, match=what) as raised:
        complaints_of(csv_file(tmp_path, header, "a,b"))
    assert all(each in str(raised.value) for each in COLUMNS)


@pytest.mark.parametrize("name", ["rulings.xlsx", "rulings"])
def test_a_file_with_another_suffix_is_reported(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(UnusableFileError, match=r"\.csv or \.ndjson"):
        complaints_of(tmp_path / name)


def test_a_quote_that_never_ends_is_reported_with_its_line(tmp_path):
    lines = ["type,case_number", "CaseRuled,1", 'CaseRuled,"x', "CaseRuled,2", "CaseRuled,3"]

    with pytest.raises(UnusableFileError, match=r"rulings\.csv: line 3: this is not CSV"):
        complaints_of(csv_file(tmp_path, *lines))


def test_a_repeated_line_counts_once_and_a_contradiction_is_reported(tmp_path):
    file = tmp_path / "rulings.ndjson"
    lines = [RULING, RULING, {**RULING, "ruling": "refused"}, COMPLETION]
    lines.append({**COMPLETION, "report_approved": False})
    file.write_text("".join(f"{json.dumps(each)}\n" for each in lines))

    report = Report()
    assert [each.line for each in checked_lines(file, TODAY, report)] == [1, 4]

    assert (report.repeated, report.invalid) == ({2: 1}, 2)
    assert [(each.line, each.field) for each in report.complaints] == [(3, "ruling_id"), (5, "")]
    assert "Must have the values of line 1" in report.complaints[0].rule
