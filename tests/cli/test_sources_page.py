"""The page of sources: what is committed is what the data says."""

from pathlib import Path

from cli.sources_page import page

COMMITTED = Path(__file__).parents[2] / "docs" / "sources.md"


def test_the_committed_page_is_current():
    assert COMMITTED.read_text(encoding="utf-8") == page(), "run `make docs`, and look at it"


def test_a_source_has_its_links_and_what_it_is_taken_for():
    [row] = [line for line in page().splitlines() if line.startswith("| S11 |")]

    assert row.count("<https://www.investhk.gov.hk/") == 2
    assert ", Chinese: <" in row
    assert row.endswith("| who may apply: the grounds and their boundaries; end of phase 4 |")
