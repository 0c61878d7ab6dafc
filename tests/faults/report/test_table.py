"""The table: what it shows, and which files it writes."""

import json

import pytest

from tests.faults.observe.measurements import Recovery
from tests.faults.report import table
from tests.faults.scenario import Row

RECOVERIES = [Recovery("intake", 1.0), Recovery("notify", 6.0), Recovery("recognition", 5.5)]
GOOD = Row("kill -9", rounds=1, faults=2, accepted=20_000, recoveries=RECOVERIES, crashes=2)
BAD = Row("cut", rounds=1, lost=7, complaints=[f"{number} is gone" for number in range(7)])
ABOUT = {"commit": "abc", "processors": 2}


def test_a_row_shows_the_median_and_the_longest_recovery_and_its_service():
    assert table.cells(GOOD) == (
        "kill -9", "1", "2", "20,000", "0", "0", "0", "5.5 / 6.0 (notify)", "0 / 2", "-",
    )  # fmt: skip


def test_a_violated_guarantee_is_marked_and_its_first_complaints_are_listed():
    assert table.cells(BAD)[0] == "cut ✗"
    assert table.complaints([GOOD, BAD])[-2:] == ["cut: 4 is gone", "cut: … and 2 more"]


@pytest.fixture
def files(tmp_path, monkeypatch):
    page = tmp_path / "reliability.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")
    monkeypatch.setattr(table, "PAGE", page)
    monkeypatch.setattr(table, "RESULTS", tmp_path / "results")
    return tmp_path


def test_the_figures_replace_those_in_the_page(files):
    for _ in range(2):
        table.update_page([GOOD], ABOUT)

    text = (files / "reliability.md").read_text()
    assert "| kill -9 | 1 | 2 | 20,000 |" in text
    assert (text.startswith("before"), text.endswith("after\n")) == (True, True)
    assert "old" not in text
    assert text.count("20,000") == 1


def test_results_are_saved_as_markdown_and_json(files):
    table.save([GOOD, BAD], ABOUT, "latest")

    saved = json.loads((files / "results" / "latest.json").read_text())
    assert (saved["about"], [each["lost"] for each in saved["rows"]]) == (ABOUT, [0, 7])
    assert "commit abc" in (files / "results" / "latest.md").read_text()


@pytest.mark.usefixtures("files")
def test_rows_that_were_measured_later_replace_those_of_the_last_run_and_are_named():
    table.save([GOOD, BAD], ABOUT, "latest")
    later = [Row("cut", rounds=3), Row("the site", rounds=1)]

    rows, about = table.with_rows(
        table.last_results("latest"), later, {"commit": "def", "on": "2026-12-01"}
    )

    assert rows == [GOOD, *later]
    assert about == ABOUT | {"later": "“cut”, “the site” at commit def on 2026-12-01"}
