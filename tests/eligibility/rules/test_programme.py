"""The programme file: valid entries, and the errors for invalid ones."""

import re

import pytest

from services.eligibility.rules.programme import load_programme
from shared.errors import SetupError

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
    with pytest.raises(SetupError, match="not_before"):
        programme(tmp_path, phase("9", opens))


def test_two_phases_that_may_be_open_on_one_day_are_refused_by_name(tmp_path):
    overlapping = phase("9", "on = 2030-01-01"), phase("10", "on = 2030-12-31", "on = 2031-12-31")

    with pytest.raises(SetupError, match="phases 9 and 10"):
        programme(tmp_path, *overlapping)


def test_procedures_out_of_order_are_refused_with_the_day(tmp_path):
    procedure = AROUND[AROUND.index("[[procedures]]") :]

    with pytest.raises(SetupError, match="2008-01-01 comes too late"):
        programme(tmp_path, procedure, phase("9", "on = 2030-01-01"))


def test_a_misspelt_name_is_refused(tmp_path):
    with pytest.raises(SetupError, match="shares_percent"):
        programme(tmp_path, phase("9", "on = 2030-01-01") + "shares_percent = 50\n")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"version = [3", "Must be TOML in UTF-8: "),
        (b'version = "\xa4\xa4"', "Must be TOML in UTF-8: "),
    ],
)
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path, content, rule):
    file = tmp_path / "programme.toml"
    file.write_bytes(content)

    with pytest.raises(SetupError, match=re.escape(f"{file}: {rule}")):
        load_programme(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SetupError, match="Must be a file that can be read: No such file"):
        load_programme(tmp_path / "missing.toml")
