"""What a candidate programme would change."""

import random
from datetime import date

import pytest

from services.eligibility.rules.comparison import Comparison, ReplayPeriod
from services.eligibility.rules.programme import load_programme
from tests.factories import a_submission

CURRENT = load_programme()
SHIPPED = "services/eligibility/rules/programme.toml"


@pytest.fixture
def candidate(tmp_path, request):
    """The programme in force, with phase 5's ceiling lowered to HK$400,000."""
    shipped = (request.config.rootpath / SHIPPED).read_text(encoding="utf-8")
    file = tmp_path / "candidate.toml"
    changed = shipped.replace(
        "ceiling_cents = 65_000_000\n  local", "ceiling_cents = 40_000_000\n  local"
    )
    file.write_text(changed.replace('version = "2026.12.1"', 'version = "try-1"'), encoding="utf-8")
    assert changed != shipped
    return load_programme(file)


def compared(candidate, submissions, period=ReplayPeriod()) -> Comparison:  # noqa: B008  # a frozen value
    comparison = Comparison(CURRENT, candidate, {}, period)
    for each in submissions:
        comparison.add(each)
    return comparison


def of_cost(cost_cents: int, number: int):
    return a_submission(
        "new-technology",
        application_id=f"00000000-0000-0000-0000-{number:012}",
        project={"cost_cents": cost_cents},
    )


def test_only_what_changes_is_listed_with_amounts_and_reasons(candidate):
    comparison = compared(candidate, [of_cost(60_000_000, 1), of_cost(90_000_000, 2)])

    assert comparison.report().splitlines() == [
        "candidate try-1 against 2026.12.1",
        "compared: 2; changed: 1",
        "  eligible -> eligible: 1",
        "granted: -HK$50,000.00",
        (
            "00000000-0000-0000-0000-000000000002:1 2026-11-02 new-technology "
            "eligible 45000000 -> eligible 40000000 -grant-is-share +grant-is-ceiling"
        ),
    ]


def test_the_same_programme_changes_nothing():
    assert compared(CURRENT, [of_cost(90_000_000, 1)]).changes == []


def test_the_report_does_not_depend_on_the_order_of_applications(candidate):
    submissions = [of_cost(80_000_000 + number, number) for number in range(50)]
    shuffled = random.Random(7).sample(submissions, 50)

    assert compared(candidate, submissions).report() == compared(candidate, shuffled).report()


def test_only_applications_received_in_the_period_are_compared(candidate):
    period = ReplayPeriod(date(2026, 11, 3), date(2026, 11, 30))

    assert compared(candidate, [of_cost(90_000_000, 1)], period).compared == 0


def test_applications_for_recognition_are_left_out(candidate):
    assert compared(candidate, [a_submission("recognition")]).compared == 0
