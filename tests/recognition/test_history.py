"""The import of earlier rounds: every wrong line is named, and a repeat changes nothing."""

import asyncio
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.recognition.history import app, import_labels
from services.recognition.rules.history_file import read_history
from services.recognition.store.store import open_store

HEADS = (
    "round_year,category,enterprise_name,business_registration_number,"
    "certificate_number,valid_from,valid_to,source"
)
GOOD = "2018,partner-manufacturing,光輝紡織有限公司,12345678,CP-2018/001,2018-12-07,2020-12-06,S2"
EARLIER = "2015,partner-supply-chain,Sourcing Limited,,,,,"


def file_of(*lines, heads=HEADS):
    return "\n".join([heads, *lines]) + "\n"


def complaints(*lines, heads=HEADS):
    return read_history(file_of(*lines, heads=heads).splitlines(keepends=True)).errors


def test_a_label_is_read_with_every_known_field():
    read = read_history(file_of(GOOD, "", EARLIER).splitlines(keepends=True))

    assert read.errors == []
    assert [each.enterprise_name for each in read.labels.values()] == [
        "光輝紡織有限公司",
        "Sourcing Limited",
    ]
    assert read.labels[4].certificate_number is None


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (GOOD.replace("2018,partner", "2008,partner", 1), "line 2: round_year: Must be greater"),
        (GOOD.replace("2018,partner", "x,partner", 1), "line 2: round_year: Must be a whole"),
        (GOOD.replace("partner-m", "winner-m"), "line 2: category: Must be 'partner"),
        (GOOD.replace("光輝紡織有限公司", ""), "line 2: enterprise_name: Must not be empty."),
        (
            GOOD.replace("光輝紡織有限公司", "a\u202eb"),
            "line 2: enterprise_name: Must be on one line",
        ),
        (GOOD.replace("12345678", "1234"), "line 2: business_registration_number: Must be 8"),
        (GOOD.replace("2018-12-07", "2018-02-30"), "line 2: valid_from: Must be a valid date"),
        (GOOD.replace("2018-12-07", "1544140800"), "line 2: valid_from: Must be a valid date"),
        (GOOD.replace("2020-12-06", "2018-12-06"), "line 2: Must not have valid_to before"),
        (
            GOOD.replace("CP-2018/001", "C" * 65),
            "line 2: certificate_number: Must have at most 64",
        ),
        *(
            (
                GOOD.replace("光輝紡織有限公司", f'"{text}"'),
                "line 2: enterprise_name: Must be on one line",
            )
            for text in ("a\x00b", "a\u200fb", "a\u2067b", "a\tb")
        ),
        (
            GOOD.replace("光輝", "\u061c"),
            "line 2: enterprise_name: Must be on one line",
        ),
        (GOOD.replace("CP-2018/001", "C\u202e1"), "line 2: certificate_number: Must be on"),
        (GOOD.replace("CP-2018/001", "C\u061c1"), "line 2: certificate_number: Must be on"),
        (
            GOOD.replace("2018,partner", "-2018,partner", 1),
            "line 2: round_year: Must be greater",
        ),
        (
            GOOD.replace("2018,partner", "NaN,partner", 1),
            "line 2: round_year: Must be a whole",
        ),
        (
            GOOD.replace("2018,partner", "2018.5,partner", 1),
            "line 2: round_year: Must be a whole",
        ),
        (GOOD.replace("2018,partner", "2_018,partner", 1), "line 2: round_year: Must be a whole"),
        (GOOD.replace("2018,partner", "2018.0,partner", 1), "line 2: round_year: Must be a whole"),
        (GOOD.replace("2018-12-07", "0"), "line 2: valid_from: Must be a valid date"),
        (
            GOOD.replace("光輝紡織有限公司", "\u3164"),
            "line 2: enterprise_name: Must be on one line",
        ),
        (GOOD.replace("光輝", "\ufdd0"), "line 2: enterprise_name: Must be on one line"),
        (
            GOOD.replace("2018,partner", "9" * 5_000 + ",partner", 1),
            "line 2: round_year: Must be a whole",
        ),
        (
            GOOD.replace("12345678", '{"$gt": 0}'),
            "line 2: business_registration_number: Must be 8",
        ),
        (GOOD.replace("2018-12-07", "2019-02-29"), "line 2: valid_from: Must be a valid date"),
        (GOOD + ",more", "line 2: Must not have more cells than columns."),
        ('2018,"partner', "line 2: this is not CSV: a quotation mark opens here"),
        (f'{GOOD}\n2018,"partner\n{EARLIER}', "line 3: this is not CSV: a quotation mark opens"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(line, complaint):
    [found] = complaints(line)

    assert found.startswith(complaint)


@pytest.mark.parametrize("breaking", ["\r\nBcc: b@b.org", "\n", "\r"])
def test_a_name_over_several_lines_is_refused_with_the_line_on_which_it_begins(breaking):
    lines = file_of(GOOD.replace("光輝紡織有限公司", f'"a{breaking}b"')).splitlines(keepends=True)

    [found] = read_history(lines).errors

    assert found.startswith("line 2: enterprise_name: Must be on one line")


def test_all_errors_are_reported_at_once():
    found = complaints("2008,winner,,1,,x,y,", GOOD, "1,2")

    assert len(found) == 2
    assert found[0].count(";") == 5


@pytest.mark.parametrize(
    ("heads", "complaint"),
    [
        ("round_year,category", "line 1: no column 'enterprise_name'"),
        (HEADS + ",prize", "line 1: unknown column 'prize'"),
        (HEADS + ",$set", "line 1: unknown column '$set'"),
        (HEADS + ",source", "line 1: column 'source' is given more than once"),
        ("", "line 1: no column 'round_year'"),
    ],
)
def test_a_wrong_heading_is_named(heads, complaint):
    assert any(each.startswith(complaint) for each in complaints(heads=heads))


def test_one_certificate_for_two_labels_is_found_within_the_file():
    assert complaints(GOOD, GOOD) == []
    assert complaints(GOOD, GOOD.replace("光輝", "明亮")) == [
        "line 3: Must have the same data as line 2, which is the same label: correct one."
    ]


@given(st.text(max_size=300))
def test_no_text_at_all_makes_the_reader_fail(text):
    read = read_history(f"{HEADS}\n{text}".splitlines(keepends=True))

    assert all(each.startswith("line ") for each in read.errors)


async def read_labels(database, *lines):
    read = read_history(file_of(*lines).splitlines(keepends=True))
    return await open_store(database).history.keep(list(read.labels.values()))


async def test_a_repeated_import_changes_nothing(database):
    assert await read_labels(database, GOOD, EARLIER) == ["new", "new"]
    assert await read_labels(database, EARLIER, GOOD) == ["known", "known"]
    assert await database["history"].count_documents({}) == 2


async def test_an_interrupted_import_is_completed_by_repeating_it(database):
    await read_labels(database, GOOD)

    assert await read_labels(database, GOOD, EARLIER) == ["known", "new"]


async def test_a_label_that_contradicts_the_record_is_refused_and_the_record_stays(database):
    await read_labels(database, GOOD)

    assert await read_labels(database, GOOD.replace("光輝", "明亮"), EARLIER) == ["changed", "new"]
    found = await open_store(database).labels.certificate("cp-2018/001")
    assert found
    assert found.enterprise_name == "光輝紡織有限公司"


async def test_two_imports_at_the_same_time_agree(database):
    answers = await asyncio.gather(*(read_labels(database, GOOD, EARLIER) for _ in range(8)))

    assert [sorted(each) for each in zip(*answers, strict=True)] == [["known"] * 7 + ["new"]] * 2


@pytest.fixture
def own_database(infra, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)


def run(*arguments):
    return CliRunner().invoke(app, arguments)


@pytest.mark.usefixtures("own_database")
def test_the_command_imports_then_prints_the_table(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("\ufeff" + file_of(GOOD, EARLIER), encoding="utf-8")

    imports = [run("import", str(file)) for _ in range(2)]
    table = run("statistics")

    assert [each.exit_code for each in imports] == [0, 0]
    assert [each.stdout for each in imports] == [
        "New: 2. Already on record: 0. Refused: 0. Repeated in the file: 0.\n",
        "New: 0. Already on record: 2. Refused: 0. Repeated in the file: 0.\n",
    ]
    assert table.exit_code == 0
    [row] = [line for line in table.stdout.splitlines() if line.startswith("2018")]
    assert row.split()[-3:] == ["153", "awarded", "S2"]


def test_a_file_with_a_wrong_line_is_not_imported_and_needs_no_database(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text(file_of(GOOD, "2018,winner,x,,,,,"), encoding="utf-8")

    answer = run("import", str(file))

    assert answer.exit_code == 1
    assert "line 3: category" in answer.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (file_of(GOOD).encode("utf-16"), "history.csv: this is UTF-16"),
        (file_of(GOOD).encode("big5"), "history.csv: this is Big5"),
        (file_of(GOOD).encode("gb18030"), "history.csv: this is GB18030"),
        (gzip.compress(file_of(GOOD).encode(), mtime=0), "history.csv: this is gzip"),
        (None, "No such file"),
        (file_of(GOOD.replace("光", "\ud8ff")).encode(errors="surrogatepass"), "line 2: enterp"),
    ],
)
def test_an_unreadable_file_is_reported_once(tmp_path, content, told):
    file = tmp_path / "history.csv"
    if content:
        file.write_bytes(content)

    answer = run("import", str(file))

    assert answer.exit_code == 1
    assert told in answer.stderr
    assert len(answer.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    "as_saved",
    [
        file_of(GOOD, EARLIER).replace(",", ";"),
        file_of(GOOD, EARLIER).replace(",", "\t"),
        "sep=;\r\n" + file_of(GOOD, EARLIER).replace(",", ";"),
        "\ufeff\n" + file_of("", GOOD, " , ,", EARLIER, ",,,,,,,,,"),
        file_of(GOOD + ",,", EARLIER.rstrip(","), heads=f"{HEADS},, "),
        file_of(GOOD.replace(",", " , \u3000"), EARLIER, heads=HEADS.replace(",", " ,  ")),
    ],
)
def test_a_table_as_spreadsheets_save_it_is_read_alike(as_saved):
    plain = read_history(file_of(GOOD, EARLIER).splitlines(keepends=True))
    read = read_history(as_saved.splitlines(keepends=True))

    assert read.errors == []
    assert list(read.labels.values()) == list(plain.labels.values())


@pytest.mark.parametrize(
    "second",
    [
        GOOD.replace("CP-2018/001", ""),
        GOOD.replace("CP-2018/001", "CP-2018/002"),
        GOOD.replace("CP-2018/001", "CP-2018/002").replace("partner-man", "excellent-partner-man"),
    ],
)
def test_two_labels_of_a_kind_for_one_enterprise_and_round_are_found_within_the_file(second):
    [complaint] = complaints(GOOD, EARLIER, second)

    assert complaint == (
        "line 4: Must not be a second label of its kind for the enterprise and the round of "
        "line 2: correct one of them, or leave one out."
    )


def test_repeated_lines_are_set_aside_with_the_line_that_they_repeat():
    read = read_history(file_of(GOOD, EARLIER, GOOD, "", EARLIER, GOOD).splitlines(keepends=True))

    assert (list(read.labels), read.repeated) == ([2, 3], {4: 2, 6: 3, 7: 2})


def of_enterprise(number, **changes):
    line = GOOD.replace("12345678", f"{number:08}").replace("001,", f"{number:03},")
    for old, new in changes.items():
        line = line.replace(old, new)
    return line


@pytest.mark.usefixtures("own_database")
def test_the_command_tells_new_lines_from_known_refused_and_repeated_ones(tmp_path):
    file = tmp_path / "history.csv"
    first = [of_enterprise(number) for number in range(500, 653)]
    file.write_text(file_of(*first, first[0]), encoding="utf-8")
    imported = run("import", str(file))
    changed = first[1].replace("光輝", "明亮")
    beside = of_enterprise(502).replace("CP-2018/502", "CP-2018/902")
    file.write_text(file_of(first[0], changed, beside, of_enterprise(700)), encoding="utf-8")
    again = run("import", str(file))

    assert imported.exit_code == 0
    assert imported.stdout == (
        "New: 153. Already on record: 0. Refused: 0. "
        "Repeated in the file: 1: line 155 (as line 2).\n"
    )
    assert (again.exit_code, again.stdout) == (
        1,
        "New: 1. Already on record: 1. Refused: 2. Repeated in the file: 0.\n",
    )
    assert again.stderr == (
        "line 3: Must have the data that is on record for this label: correct the line. "
        "A label on record is never changed.\n"
        "line 4: Must not be a second label of its kind for this enterprise and round: another "
        "label or an open application has the claim. Correct the line, or leave it out.\n"
    )


async def test_a_number_that_is_reserved_for_an_award_is_refused_and_claims_nothing(database):
    store = open_store(database)
    await store.labels.claim_numbers([("CP-2018/001", "an application")])

    assert await read_labels(database, GOOD) == ["number-taken"]
    assert await read_labels(database, GOOD.replace("CP-2018/001", "CP-2018/002")) == ["new"]


async def test_nothing_is_imported_of_a_file_without_labels():
    assert await import_labels(read_history([HEADS, "1,2"])) == 1
