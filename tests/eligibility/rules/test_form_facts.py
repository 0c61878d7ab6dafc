"""The business registration, the sum asked for and other public funding, both ways."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.eligibility.rules.rules import decide
from shared.clock import hong_kong_date
from tests.eligibility.phases import IN_PHASE, PROGRAMME, decided
from tests.eligibility.strategies import applications, costs, days
from tests.factories import an_application

DAY = IN_PHASE["3"]


def registered_until(day: date | None) -> dict[str, object]:
    return {"business_registration_valid_until": day}


@pytest.mark.parametrize(
    ("valid_until", "outcome"),
    [
        (None, "eligible"),
        (DAY + timedelta(1), "eligible"),
        (DAY, "eligible"),
        (DAY - timedelta(1), "ineligible"),
        (date(1, 1, 1), "ineligible"),
        (date(9999, 12, 31), "eligible"),
    ],
)
def test_the_business_registration_must_be_in_force_on_the_day_of_receipt(valid_until, outcome):
    decision = decided("3", "assessment", enterprise=registered_until(valid_until))

    assert decision.outcome == outcome
    expired = ("business-registration-expired",)
    assert (decision.reasons == expired) == (outcome == "ineligible")


@pytest.mark.parametrize(
    ("received_at", "outcome"),
    [
        ("2017-06-03T15:59:59.999Z", "eligible"),
        ("2017-06-03T16:00:00Z", "ineligible"),
        ("2017-06-03T23:59:59.999+08:00", "eligible"),
        ("2017-06-04T00:00:00+08:00", "ineligible"),
    ],
)
def test_the_day_of_receipt_is_that_of_hong_kong(received_at, outcome):
    application = an_application(enterprise=registered_until(DAY))
    received_on = hong_kong_date(datetime.fromisoformat(received_at))

    assert decide(application, received_on, PROGRAMME).outcome == outcome


@given(applications, days, st.dates())
def test_an_expired_registration_refuses_every_application_of_an_enterprise(
    application, day, valid_until
):
    assume(application.stream != "organisation-support")  # states no enterprise
    enterprise = application.enterprise.model_copy(update=registered_until(valid_until))

    decision = decide(application.model_copy(update={"enterprise": enterprise}), day, PROGRAMME)

    assert ("business-registration-expired" in decision.reasons) == (valid_until < day)
    assert valid_until >= day or decision.outcome == "ineligible"


@pytest.mark.parametrize(
    ("cost_cents", "requested_cents", "grant_cents", "reason"),
    [  # half of the cost, up to HK$28,000 (S1)
        (4_000_000, None, 2_000_000, "grant-is-share"),
        (4_000_000, 2_000_001, 2_000_000, "grant-is-share"),
        (4_000_000, 2_000_000, 2_000_000, "grant-is-share"),
        (4_000_000, 1_999_999, 1_999_999, "grant-is-sum-asked-for"),
        (4_000_001, 2_000_000, 2_000_000, "grant-is-share"),
        (7_000_000, 2_800_001, 2_800_000, "grant-is-ceiling"),
        (7_000_000, 2_800_000, 2_800_000, "grant-is-ceiling"),
        (7_000_000, 2_799_999, 2_799_999, "grant-is-sum-asked-for"),
        (7_000_000, 1, 1, "grant-is-sum-asked-for"),
        (7_000_000, 10**11, 2_800_000, "grant-is-ceiling"),
    ],
)
def test_a_grant_is_not_more_than_the_sum_asked_for(
    cost_cents, requested_cents, grant_cents, reason
):
    project = {"cost_cents": cost_cents, "requested_cents": requested_cents}

    decision = decided("3", "assessment", project=project)

    assert (decision.outcome, decision.grant_cents) == ("eligible", grant_cents)
    assert decision.reasons == (reason,)
    assert decision.amounts.requested_cents == requested_cents


def test_what_a_referred_application_would_get_is_not_more_than_it_asks_for():
    asked = {"requested_cents": 1_234_567}

    outside = decided("3", "assessment", project=asked, factory={"industry": "other"})
    organisation = decided("4", "organisation-support", project=asked)

    assert outside.outcome == organisation.outcome == "referred"
    assert outside.indicative_grant_cents == organisation.indicative_grant_cents == 1_234_567
    assert outside.reasons == ("industry-not-priority", "grant-is-sum-asked-for")
    assert organisation.reasons == ("ceiling-not-set",)


def test_a_sum_asked_for_does_not_replace_a_share_that_no_source_gives():
    decision = decided("2", "verification", project={"requested_cents": 1_000_000})

    assert (decision.outcome, decision.indicative_grant_cents) == ("referred", None)
    assert decision.reasons == ("share-not-set",)


@given(applications, days, costs)
def test_asking_for_less_only_ever_lowers_the_grant(application, day, requested_cents):
    def asking(cents):
        project = application.project.model_copy(update={"requested_cents": cents})
        return decide(application.model_copy(update={"project": project}), day, PROGRAMME)

    asked, unasked = asking(requested_cents), asking(None)

    assert asked.outcome == unasked.outcome
    for got, offered in (
        (asked.grant_cents, unasked.grant_cents),
        (asked.indicative_grant_cents, unasked.indicative_grant_cents),
    ):
        assert got == (None if offered is None else min(offered, requested_cents))


@pytest.mark.parametrize(
    ("phase", "stream"),
    [
        ("2", "demonstration"),
        ("3", "assessment"),
        ("4", "organisation-support"),
        ("5", "new-technology"),
    ],
)
def test_other_public_funding_for_the_same_cost_is_referred(phase, stream):
    funded = decided(phase, stream, project={"other_public_funding": True})

    assert (funded.outcome, funded.grant_cents) == ("referred", None)
    assert "other-public-funding" in funded.reasons
    for stated in (False, None):
        decision = decided(phase, stream, project={"other_public_funding": stated})
        assert decision == decided(phase, stream)


def test_other_public_funding_is_asked_about_where_the_phase_is_not_settled_too():
    application = an_application("new-technology", project={"other_public_funding": True})

    decision = decide(application, date(2025, 6, 3), PROGRAMME)

    assert decision.reasons == ("phase-dates-not-set", "other-public-funding")
