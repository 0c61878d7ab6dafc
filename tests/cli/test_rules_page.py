"""The page of all rules: what is committed is what the data says."""

from pathlib import Path

from cli.rules_page import page
from services.eligibility.rules.programme import load_programme
from services.recognition.rules.scheme import load_scheme

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
    assert "| procedures / 2008-01-01 / processing / ruling | working days | 20 | setting |" in text
    assert "| procedures / 2008-01-01 / review | within | **not set** | setting |" in text
    assert "| NOTIFY_ANSWER_WORKING_DAYS | working days | 10 | setting |" in text
    technology = "phases / 5 / streams / new-technology | technology list"
    assert f"| {technology} | **not set** | S10 |" in text
    assert "| repeat-too-early | refusal | Fewer than five years" in text


def test_no_entry_of_the_data_is_left_out():
    text = page()
    programme, scheme = load_programme(), load_scheme()

    for name in programme.model_fields_set - {"version"}:
        assert f"\n| {name} " in text
    for name in scheme.model_fields_set - {"version"}:
        assert f"\n| {name} " in text
