"""The page of all rules: what is committed is what the data says."""

from pathlib import Path

from cli.rules_page import page

COMMITTED = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_committed_page_is_current():
    assert COMMITTED.read_text(encoding="utf-8") == page(), "run `make docs`, and look at it"


def test_the_page_has_parameters_reasons_and_what_is_not_set():
    text = page()

    assert "| phases / 4 / streams / assessment | ceiling cents | HK$45,000 | S9 |" in text
    assert (
        "| phases / 4 / streams / organisation-support | ceiling cents | **not set** | S9 |" in text
    )
    assert "| phases / 4 / opens | not before | 2020-04-01 | S5 |" in text
    assert "| repeat-too-early | refusal | Fewer than five years" in text
