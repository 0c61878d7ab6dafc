"""Numbers in a file of rulings: one case, however its number is typed and whoever imported it."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.import_rulings.case_numbers import id_as_typed, id_of_case
from cli.import_rulings.check import check
from cli.import_rulings.checked import Checked
from cli.import_rulings.receipts import Destination, RulingReceipts
from cli.import_rulings.run import Report, checked_lines
from cli.import_rulings.source import SourceLine
from shared.events.casework import ProjectCompleted
from shared.events.envelope import derived_id

TODAY = date(2026, 11, 21)
COMPLETION = {
    "type": "ProjectCompleted",
    "case_number": "OIA-2016-0117",
    "stream": "assessment",
    "factory_registration_number": "91441900PDY0001750",
    "completed_on": "2016-11-30",
    "report_approved": True,
}
RECORDED = Path(__file__).parents[2] / "contracts/releases/0.1.0/events/casework.rulings.v1.ndjson"


def checked(**changes) -> Checked:
    found = check(SourceLine(1, json.dumps({**COMPLETION, **changes}).encode()), TODAY)
    assert isinstance(found, Checked), found
    return found


def complaints(**changes) -> dict[str, str]:
    found = check(SourceLine(1, json.dumps({**COMPLETION, **changes}).encode()), TODAY)
    assert isinstance(found, list)
    return {each.field: each.rule for each in found}


def report_on(tmp_path, *lines) -> Report:
    file = tmp_path / "rulings.ndjson"
    file.write_text("".join(json.dumps({**COMPLETION, **each}) + "\n" for each in lines))
    report = Report()
    list(checked_lines(file, TODAY, report))
    return report


@pytest.mark.parametrize(
    "typed",
    [
        "OIA20160117",
        "oia-2016-0117",
        " OIA-2016-0117 ",
        "OIA 2016 0117",
        "OIA/2016/0117",
        "OIA.2016.0117",
        "OIA_2016_0117",
        "(OIA) 2016-0117",
        "OIA\u20102016\u20110117",
        "OIA\u20132016\u22120117",
        "\uff2f\uff29\uff21\uff0d\uff12\uff10\uff11\uff16\uff0d\uff10\uff11\uff11\uff17",
    ],
)
def test_a_case_has_one_id_however_its_number_is_typed(typed):
    assert id_of_case(typed) == id_of_case("OIA-2016-0117")
    assert checked(case_number=typed).event_id == checked().event_id


@pytest.mark.parametrize(
    "typed", ["OIA-2016-0117", "DP-2019-0008", "OSI-2021-0003", "C-1", "檔案2016甲"]
)
def test_numbers_as_usually_typed_keep_the_id_that_release_0_1_0_gave_them(typed):
    assert id_of_case(typed) == id_as_typed(typed)


def test_the_imports_that_release_0_1_0_recorded_keep_their_ids():
    recorded = {json.loads(line)["key"] for line in RECORDED.read_text().splitlines()}

    assert {id_of_case("OIA-2016-0117"), id_of_case("DP-2019-0008")} <= recorded


@given(st.from_regex(r"\A[A-Z]{1,4}(-(19|20)[0-9]{2})?-[0-9]{1,6}\Z"))
def test_any_number_in_the_usual_form_keeps_its_id_unless_its_serial_reads_as_a_year(typed):
    letters, *years, serial = typed.split("-")
    if years or not (len(serial) > 4 and serial[:2] in {"19", "20"}):
        assert id_of_case(typed) == id_as_typed(typed)
    assert id_of_case(f"{letters}/{''.join(years)} {serial}") == id_of_case(typed)


@pytest.mark.parametrize(
    "other", ["OIA-2016-0118", "OIA-2017-0117", "OIB-2016-0117", "\u041eIA-2016-0117"]
)
def test_another_number_is_another_case(other):
    assert id_of_case(other) != id_of_case("OIA-2016-0117")


@pytest.mark.parametrize("typed", ["--------", "\u2014", " / ", "\u200b."])
def test_a_number_of_nothing_but_separators_is_refused(typed):
    assert complaints(case_number=typed)["case_number"] in {
        "Must have a letter or a digit.",
        "Must be on one line, without control characters or marks that change its direction.",
    }


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("--------", "Must have at least 8 letters or digits."),
        ("914419000000000000", "Must be the number as on the licence"),
        ("9.14419E+17", "If a spreadsheet shows it as 9.14E+17"),
    ],
)
def test_what_is_no_factory_s_number_is_refused(number, rule):
    found = complaints(factory_registration_number=number)

    assert rule in next(iter(found.values()))


def test_what_was_typed_is_in_the_event():
    value = checked(case_number="oia 2016/0117").event.value or b""

    assert ProjectCompleted.model_validate_json(value).case_number == "oia 2016/0117"


def test_lines_that_differ_in_the_way_numbers_are_typed_are_repeats(tmp_path):
    typed = {"case_number": "OIA 2016 0117", "factory_registration_number": "91441900-PDY0001750"}

    report = report_on(tmp_path, {}, typed)

    assert (report.repeated, report.invalid) == ({2: 1}, 0)


def test_lines_that_contradict_each_other_are_found_however_numbers_are_typed(tmp_path):
    report = report_on(tmp_path, {}, {"case_number": "OIA20160117", "report_approved": False})

    assert (report.repeated, report.invalid) == ({}, 1)


@pytest.mark.parametrize("typed", ["OIA-2016-0117", "oia/2016/0117"])
def test_what_release_0_1_0_has_published_is_not_published_again(tmp_path, typed):
    line = {
        name: value for name, value in COMPLETION.items() if name not in {"type", "case_number"}
    }
    old = ProjectCompleted(
        application_id=id_as_typed(typed),
        **{**line, "completed_on": date(2016, 11, 30), "report_approved": True},
    )
    receipt = {
        "line": 1,
        "application_id": old.application_id,
        **event_of_release_0_1_0(old),
        "cluster": "c",
    }
    (tmp_path / "receipts").write_text(json.dumps(receipt) + "\n")

    receipts = RulingReceipts(tmp_path / "receipts", Destination("c", ""))

    assert receipts.has(checked(case_number=typed))
    assert not receipts.has(checked(case_number=typed, report_approved=False))
    assert not receipts.has(checked(case_number="OIA-2016-0118"))


def event_of_release_0_1_0(completed: ProjectCompleted) -> dict[str, str]:
    """Lay out the id and the hash of an event as that release did."""
    value = completed.model_dump_json(exclude={"case_number"}).encode()
    return {
        "event_id": derived_id("ProjectCompleted", f"{completed.application_id}:completed"),
        "digest": sha256(value).hexdigest()[:32],
    }
