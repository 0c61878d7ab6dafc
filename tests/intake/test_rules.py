"""What may not be in one submission together."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.rules import EARLIEST_RECEIPT, breaches
from shared.events.between_fields import Breach
from tests.factories import NOW, an_application


def found(application=None, received_at=None) -> list[Breach]:
    return list(breaches(application or an_application(), received_at, NOW))


def test_a_complete_application_breaks_no_rule():
    assert found() == []


@pytest.mark.parametrize("stream", ["assessment", "new-technology", "organisation-support"])
def test_a_project_does_not_end_before_it_starts(stream):
    application = an_application(
        stream, project={"starts_on": "2026-12-02", "ends_on": "2026-12-01"}
    )

    assert [each.pointer for each in found(application)] == ["/application/project/ends_on"]


def test_a_project_may_end_on_the_day_that_it_starts():
    assert found(an_application(project={"starts_on": "2026-12-01", "ends_on": "2026-12-01"})) == []


@pytest.mark.parametrize(
    ("ground", "fact", "is_asked_for"),
    [
        ("1a", "applicant_is_party", True),
        ("1b", "applicant_is_party", False),
        ("2", "applicant_is_party", False),
        ("1a", "applicant_gives_capital", False),
        ("1b", "applicant_gives_capital", True),
        ("2", "applicant_gives_capital", False),
    ],
)
@pytest.mark.parametrize("stated", [True, False])
def test_a_ground_states_only_what_it_depends_on(ground, fact, is_asked_for, stated):
    claimed = {"ground": ground, fact: stated}
    alone = an_application(connection=claimed)
    further = an_application(further_grounds=[{"ground": "2"}, claimed])

    pointers = [[each.pointer for each in found(one)] for one in (alone, further)]

    assert pointers == (
        [[], []]
        if is_asked_for
        else [
            [f"/application/connection/{fact}"],
            [f"/application/further_grounds/1/{fact}"],
        ]
    )


def test_a_candidacy_has_no_project_to_check():
    assert found(an_application("recognition")) == []


def test_an_application_may_have_been_received_just_now_but_not_later():
    assert found(received_at=NOW) == []
    assert [each.pointer for each in found(received_at=NOW + timedelta(milliseconds=1))] == [
        "/received_at"
    ]


def test_nothing_was_received_before_the_programme():
    assert found(received_at=EARLIEST_RECEIPT) == []
    assert found(received_at=datetime.fromisoformat("0001-01-01T00:00:00+14:00"))


NUMBER = "/application/factory/registration_number"
OF_A_CANDIDATE = "/application/candidacy/factory/registration_number"
FACTORY_STREAMS = ["assessment", "demonstration-i", "verification", "new-technology"]


def with_number(stream, number):
    factory = {"registration_number": number}
    if stream == "recognition":
        return an_application(stream, candidacy={"factory": factory})
    return an_application(stream, factory=factory)


@pytest.mark.parametrize("stream", [*FACTORY_STREAMS, "recognition"])
@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("--------", "Must have at least 8 letters or digits."),
        ("1234567--", "Must have at least 8 letters or digits."),
        ("914419000000000000", "Must be the number as on the licence"),
        ("914419001234567000", "Must be the number as on the licence"),
        ("91441900-1234567000", "Must be the number as on the licence"),
    ],
)
def test_what_is_no_factory_s_number_is_refused(stream, number, rule):
    [breach] = found(with_number(stream, number))

    assert breach.pointer == (OF_A_CANDIDATE if stream == "recognition" else NUMBER)
    assert breach.rule.startswith(rule)


@pytest.mark.parametrize("stream", [*FACTORY_STREAMS, "recognition"])
@pytest.mark.parametrize(
    "number",
    [
        "91441900PDY00001XE",
        "91441900-PDY00001XE",
        "91441900MA59A5AK1X",  # wrong, which is for a person to look at
        "441900400012345",
        "12345678-001",
        "12345678",
    ],
)
def test_other_numbers_of_factories_are_taken(stream, number):
    assert found(with_number(stream, number)) == []


@pytest.mark.parametrize("typed", ["--------", "/ .", "\u2014"])
def test_an_earlier_case_has_a_number(typed):
    application = an_application("assessment", repeat={"earlier_case_number": typed})

    assert found(application) == [
        Breach("/application/repeat/earlier_case_number", "Must have a letter or a digit.")
    ]


def test_a_candidate_without_a_factory_has_no_number_to_check():
    sourcing = {"category": "partner-supply-chain", "factories_engaged": 3}

    assert found(an_application("recognition", candidacy=sourcing)) == []


@given(st.datetimes(timezones=st.timezones()))
def test_whether_a_moment_is_allowed_does_not_depend_on_its_time_zone(moment):
    if EARLIEST_RECEIPT.year < moment.year < NOW.year:
        assert found(received_at=moment) == found(received_at=moment.astimezone(UTC)) == []
