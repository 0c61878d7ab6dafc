"""The programme file: valid entries, and the errors for invalid ones."""

import pytest
from pydantic import ValidationError

from services.eligibility.rules.programme import load_programme

AROUND = """
version = "test"
shareholding = { mainland_above_percent = 50, hong_kong_from_percent = 30, source = "S11" }
workshops = { streams = ["demonstration"], since = 2013-04-01, source = "S11" }
repeat = { years = 5, source = "S1", anniversary = { binds = "application", source = "setting" } }
limits = { open_cases_per_factory_and_stream = { at_most = 1, source = "setting" } }

[[procedures]]
since = 2008-01-01
review = { offered = false, source = "setting" }
project_clock = { starts_with = "agreement", source = "setting" }
payment = { percent = { final-report = 100 }, source = "setting" }
scoring = { decided_by = "committee", source = "setting" }
"""
PHASE = """
[[phases]]
name = "{name}"
opens = {{ {opens}, source = "S1" }}
closes = {{ {closes}, source = "S1" }}
streams = []
"""


def programme(tmp_path, *phases: str):
    file = tmp_path / "programme.toml"
    file.write_text(AROUND + "".join(phases), encoding="utf-8")
    return load_programme(file)


def phase(name: str, opens: str, closes: str = "on = 2030-12-31") -> str:
    return PHASE.format(name=name, opens=opens, closes=closes)


@pytest.mark.parametrize(
    "opens",
    [
        "not_before = 2030-01-01",
        "on = 2030-01-01, not_before = 2030-01-01",
        "not_before = 2030-02-01, not_after = 2030-01-01",
    ],
)
def test_a_bound_is_a_day_or_a_range_in_order(tmp_path, opens):
    with pytest.raises(ValidationError, match="not_before"):
        programme(tmp_path, phase("9", opens))


def test_two_phases_that_may_be_open_on_one_day_are_refused_by_name(tmp_path):
    overlapping = phase("9", "on = 2030-01-01"), phase("10", "on = 2030-12-31", "on = 2031-12-31")

    with pytest.raises(ValidationError, match="phases 9 and 10"):
        programme(tmp_path, *overlapping)


def test_procedures_out_of_order_are_refused_with_the_day(tmp_path):
    procedure = AROUND[AROUND.index("[[procedures]]") :]

    with pytest.raises(ValidationError, match="2008-01-01 comes too late"):
        programme(tmp_path, procedure, phase("9", "on = 2030-01-01"))


def test_a_misspelt_name_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="shares_percent"):
        programme(tmp_path, phase("9", "on = 2030-01-01") + "shares_percent = 50\n")
