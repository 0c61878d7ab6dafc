"""Files of rulings as spreadsheets and other systems save them give the same events."""

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.import_rulings.run import Report, checked_lines
from cli.main import app
from shared.files.form import UnusableFileError

TODAY = date(2026, 11, 21)
SAMPLES = Path(__file__).parents[3] / "samples"
ROWS = list(csv.reader(io.StringIO((SAMPLES / "rulings.csv").read_text(encoding="utf-8"))))


def events(file: Path):
    report = Report()
    found = [each.event for each in checked_lines(file, TODAY, report)]
    assert report.complaints == []
    return found


def written(rows, **how) -> str:
    text = io.StringIO()
    csv.writer(text, **how).writerows(rows)
    return text.getvalue()


def write(tmp_path: Path, text: str | bytes, name: str = "rulings.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def excel(cell: str) -> str:
    return {"true": "TRUE", "false": "FALSE"}.get(cell, cell)


AS_SAVED = {
    "with semicolons": written(ROWS, delimiter=";"),
    "with tabs": written(ROWS, delimiter="\t"),
    "with a byte order mark": "\ufeff" + written(ROWS),
    "with the line that tells Excel the delimiter": "sep=;\r\n" + written(ROWS, delimiter=";"),
    "all quoted": written(ROWS, quoting=csv.QUOTE_ALL),
    "TRUE and FALSE": written([[excel(each) for each in row] for row in ROWS]),
    "True and False": written([[excel(each).capitalize() if excel(each) != each else each
                                for each in row] for row in ROWS]),
    "padded": written([[f"  {each}\u3000\xa0" for each in row] for row in ROWS]),
    "with empty rows": "\r\n" + written([each for row in ROWS for each in (row, [], [""] * 9)]),
    "with trailing columns": written([[*row, "", " ", ""] for row in ROWS]),
    "without trailing empty cells": "\n".join(
        each.rstrip(",") for each in written(ROWS).splitlines()
    ),
    "with the line ends of old": written(ROWS, lineterminator="\r"),
}  # fmt: skip


@pytest.mark.parametrize("how", AS_SAVED)
def test_a_table_as_spreadsheets_save_it_gives_the_same_events(tmp_path, how):
    assert events(write(tmp_path, AS_SAVED[how])) == events(SAMPLES / "rulings.csv")


def test_ndjson_with_a_mark_empty_lines_and_padding_gives_the_same_events(tmp_path):
    lines = (SAMPLES / "rulings.ndjson").read_text(encoding="utf-8").splitlines()
    text = "\ufeff" + "\r\n\r\n".join(f"  {each}\t" for each in lines)

    assert events(write(tmp_path, text, "a.ndjson")) == events(SAMPLES / "rulings.ndjson")


NAMED = {
    "UTF-16": written(ROWS, delimiter="\t").encode("utf-16"),
    "Big5": written([ROWS[0], ["光輝紡織有限公司"]]).encode("big5"),
    "GB18030": written([*ROWS, ["光辉纺织有限公司"]]).encode("gb18030"),
    "gzip": gzip.compress(written(ROWS).encode(), mtime=0),
    "an Excel workbook": b"PK\x03\x04" + b"\0" * 100,
}


@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
@pytest.mark.parametrize("name", NAMED)
def test_another_form_is_named_once_with_what_to_do(tmp_path, name, suffix):
    file = write(tmp_path, NAMED[name], f"rulings{suffix}")

    result = CliRunner().invoke(app, ["import-rulings", str(file), "--dry-run"])

    assert result.exit_code == 1
    assert f"rulings{suffix}: this is {name}" in " ".join(result.stderr.split())
    assert result.stderr.count("Must be") == 1


def test_one_document_over_several_lines_is_told_as_such(tmp_path):
    [line, *_] = (SAMPLES / "rulings.ndjson").read_text(encoding="utf-8").splitlines()

    with pytest.raises(UnusableFileError, match="one JSON document over several lines"):
        events(write(tmp_path, json.dumps(json.loads(line), indent=2), "rulings.ndjson"))
