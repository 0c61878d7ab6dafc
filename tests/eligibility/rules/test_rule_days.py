"""Which phase a day belongs to, and how long a project may take.

S marks are the sources of docs/sources.md.
"""

from datetime import date, timedelta

import pytest

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide
from tests.factories import an_application

PROGRAMME = load_programme()
IN_PHASE_4 = date(2023, 6, 3)


@pytest.mark.parametrize(
    ("day", "phase", "reason", "source"),
    [
        (date(2013, 3, 31), None, "no-open-phase", "S13, S14"),
        (date(2013, 4, 1), "2", "grant-is-share", "S14"),
        (date(2015, 3, 31), "2", "grant-is-share", "S14"),
        (date(2015, 4, 1), None, "no-open-phase", "S4"),
        (date(2015, 6, 14), None, "no-open-phase", "S1"),
        (date(2015, 6, 15), "3", "grant-is-share", "S1"),
        (date(2020, 3, 31), "3", "grant-is-share", "S1"),
        (date(2020, 4, 1), None, "phase-dates-not-set", "S5"),
        (date(2020, 12, 30), None, "phase-dates-not-set", "S5"),
        (date(2020, 12, 31), "4", "grant-is-share", "S5"),
        (date(2025, 3, 31), "4", "grant-is-share", "S11"),
        (date(2025, 4, 1), None, "phase-dates-not-set", "S10"),
        (date(2025, 12, 30), None, "phase-dates-not-set", "S10"),
        (date(2027, 1, 2), None, "phase-dates-not-set", "S10"),
        (date(2028, 1, 1), None, "no-open-phase", "S10"),
    ],
)
def test_an_application_is_judged_by_the_phase_of_its_day(day, phase, reason, source):
    application = an_application("assessment", project={"cost_cents": 10_000_00})

    decision = decide(application, day, PROGRAMME)

    assert (decision.phase, decision.reasons) == (phase, (reason,)), source


@pytest.mark.parametrize(("day", "phase"), [(date(2025, 12, 31), "5"), (date(2027, 1, 1), "5")])
def test_the_last_phase_is_open_where_that_is_certain(day, phase):
    assert decide(an_application("new-technology"), day, PROGRAMME).phase == phase


@pytest.mark.parametrize(
    ("stream", "starts_on", "last_day", "source"),
    [
        ("assessment", "2023-01-15", "2023-04-15", "S9"),
        ("assessment", "2022-11-30", "2023-02-28", "S9"),
        ("assessment", "2023-11-30", "2024-02-29", "S9"),
        ("demonstration-i", "2024-02-29", "2025-02-28", "S9"),
        ("demonstration-ii", "2023-06-01", "2024-06-01", "S9"),
        ("organisation-support", "2023-06-01", "2024-06-01", "S9"),
    ],
)
def test_in_phase_4_a_project_ends_within_its_months(stream, starts_on, last_day, source):
    day_after = (date.fromisoformat(last_day) + timedelta(days=1)).isoformat()

    in_time, late = (
        decide(
            an_application(stream, project={"starts_on": starts_on, "ends_on": ends_on}),
            IN_PHASE_4,
            PROGRAMME,
        )
        for ends_on in (last_day, day_after)
    )

    assert "project-too-long" not in in_time.reasons, source
    assert late.outcome == "ineligible", source
    assert "project-too-long" in late.reasons
