"""The scheme's file: what it says, and how a wrong one is refused."""

from datetime import date
from pathlib import Path

import pytest

from services.recognition.rules import scheme as shipped
from services.recognition.rules.dated import in_force
from services.recognition.rules.scheme import load_scheme
from services.recognition.rules.statistics import published_results
from shared.errors import SetupError

TEXT = Path(shipped.__file__).with_name("scheme.toml").read_text(encoding="utf-8")


@pytest.fixture
def load_changed(tmp_path):
    def load(old: str, new: str):
        assert old in TEXT
        file = tmp_path / "scheme.toml"
        file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return load_scheme(file)

    return load


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("at_least = 1", "at_least = -1", "at_least"),
        ("factories_engaged =", "factories_egaged =", "factories_egaged"),
        ("opens = 2016-03-01", "opens = 2015-06-01", "one after another: 2015, 2016"),
        ("closes = 2016-07-31", "closes = 2016-02-01", "Must open before it closes: round 2016"),
        ("year = 2016\n", "year = 2015\n", "Must have rounds in order"),
        ("not_before = 2013", "year = 2014, not_before = 2013", "Must have either `year`"),
        ("not_before = 2013, not_after", "not_after", "Must have either `year`"),
        ("not_before = 2013", "not_before = 2016", "later or equal"),
        ("working_days = 5", "working_days = 0", "working_days"),
        ('calendar = "mainland"', 'calendar = "macao"', "calendar"),
        ("months = 24", "months = 0", "months"),
        ('decided_by = "joint-committee"', 'decided_by = "points"', "joint-committee"),
        ("document-check = {", "documents = {", "document-check"),
        ("working_days = 40", "working_days = 0", "working_days"),
        ("{serial}-{check}", "{serial}", "in this order, each once"),
        ('    "joint-committee",\n', "", "Must award no label without joint-committee"),
        (
            '    "document-check",\n    "on-site-assessment",\n',
            '    "on-site-assessment",\n    "document-check",\n',
            "once and in this order",
        ),
        ("from_year = 2009\nnotice", "from_year = 2011\nnotice", "Must have a procedure from 2009"),
        ('"partner-manufacturing"', '"excellent-partner-manufacturing"', "each category once"),
    ],
)
def test_a_wrong_entry_is_refused_and_named(load_changed, old, new, complaint):
    with pytest.raises(SetupError, match=complaint):
        load_changed(old, new)


def test_the_operators_own_file_replaces_the_shipped_one(load_changed):
    scheme = load_changed("not_before = 2013, not_after = 2015", "year = 2014")

    since = scheme.terms("excellent-partner-manufacturing").since
    assert since.is_past(2014)
    assert not since.may_be_past(2013)


def test_later_prerequisites_hold_from_their_year_on(load_changed):
    later = """factories_served = { at_least = 1, source = "setting" }

      [[categories.prerequisites]]
      from_year = 2020
      factories_served = { at_least = 5, source = "setting" }
    """
    scheme = load_changed('factories_served = { at_least = 1, source = "setting" }', later)

    entries = scheme.terms("partner-technology-service").prerequisites
    by_year = {year: in_force(entries, year) for year in (2009, 2010, 2019, 2020, 2027)}
    assert {year: found and found.factories_served.at_least for year, found in by_year.items()} == {
        2009: None,
        2010: 1,
        2019: 1,
        2020: 5,
        2027: 5,
    }


def test_a_changed_procedure_holds_for_rounds_from_its_year_on(load_changed):
    later = """# Rounds: first and last
[[procedures]]
from_year = 2027
notice = { working_days = 7, calendar = "hong-kong", source = "setting" }
validity = { months = 36, source = "setting" }
certificates = { pattern = "X{year}{serial}{check}", source = "setting" }
steps = { in_order = ["joint-committee", "violation-check", "notice-period"], source = "setting" }

# Rounds: first and last"""
    scheme = load_changed("# Rounds: first and last", later)

    before, after = scheme.procedure(2026), scheme.procedure(2027)
    assert (before.notice.working_days, before.validity.months) == (5, 24)
    assert (after.notice.working_days, after.validity.months) == (7, 36)
    assert len(after.steps.in_order) == 3


def test_every_round_whose_results_are_recorded_has_its_days():
    years = {each.year for each in load_scheme().rounds}

    assert {each.year for each in published_results()} <= years
    assert years == set(range(2009, max(years) + 1))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2009, 7, 31), None),  # before the launch in August 2009 (S17)
        (date(2009, 8, 1), 2009),
        (date(2009, 12, 31), 2009),
        (date(2010, 1, 1), None),
        (date(2010, 3, 1), 2010),
    ],
)
def test_the_first_round_opens_with_the_launch_of_the_scheme(day, year):
    found = load_scheme().round_on(day)

    assert (found and found.year) == year


@pytest.mark.parametrize(
    ("year", "day", "source"),
    [
        (2014, date(2015, 2, 5), "S19"),  # a ceremony in the next calendar year
        (2018, date(2018, 12, 7), "S2"),
        (2024, date(2024, 10, 31), "S31"),
        (2023, None, None),
    ],
)
def test_a_round_records_when_its_ceremony_was(year, day, source):
    [found] = [each for each in load_scheme().rounds if each.year == year]

    ceremony = found.ceremony
    assert (ceremony and ceremony.on, ceremony and ceremony.source) == (day, source)


@pytest.mark.parametrize(
    ("step", "decided_on", "last_day"),
    [
        ("document-check", date(2025, 9, 12), "2025-10-14"),
        ("on-site-assessment", date(2025, 9, 12), "2025-11-12"),
        ("document-check", date(2195, 1, 4), None),  # beyond the calendar's data
    ],
)
def test_a_step_is_expected_within_its_working_days_in_hong_kong(step, decided_on, last_day):
    following = load_scheme().procedure(2025).following(step, decided_on)

    assert (following["next_step"], following["next_step_by"]) == (step, last_day)
    assert following["next_step_calendar"] == "hong-kong"


def test_a_step_without_a_period_has_no_day(load_changed):
    line = 'violation-check = { working_days = 20, calendar = "hong-kong", source = "setting" }'

    procedure = load_changed(line, "").procedure(2026)

    following = procedure.following("violation-check", date(2026, 9, 1))
    assert following == {"next_step": "violation-check"}
