"""The answer of a dry run is the decision without history, as far as the facts are stated."""

from copy import deepcopy
from datetime import date, datetime, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.assessments.answer import Assessor
from services.eligibility.assessments.questions import AssessmentRequest, completed
from services.eligibility.handlers import Decider
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import REFERRALS, REFUSALS
from shared.clock import HONG_KONG
from shared.events.between_fields import application_breaches
from shared.events.eligibility import EligibilityDecided
from shared.events.intake import ApplicationSubmitted
from tests.eligibility.strategies import applications, days
from tests.factories import an_application, an_event

PROGRAMME = load_programme()
ASSESSOR = Assessor(PROGRAMME)
IN_PHASE_4, IN_PHASE_5 = date(2024, 6, 3), date(2026, 6, 3)
# What the form asks for and a visitor may not know; each by its way.
LEFT_OUT = [
    ("factory", "registration_number"),
    ("technology", "name"),
    ("project", "cost_cents"),
    ("project", "starts_on"),
    ("project", "ends_on"),
]
SAME = (
    *("stream", "outcome", "grant_cents", "indicative_grant_cents", "phase", "rule_version"),
    *("share_percent", "ceiling_cents", "eligible_cost_cents", "requested_cents"),
    *("reasons", "conditions", "outlook"),
)


def assessed(application: Any, as_of: date) -> Any:
    request = AssessmentRequest.model_validate({"application": application}, strict=False)
    asked = request.application
    return ASSESSOR.assess(asked, completed(asked), as_of)


def decided(application: Any, received_on: date) -> EligibilityDecided:
    """Decide as the service does, on the day of receipt, without any stored history."""
    now = datetime.combine(received_on, time(12), HONG_KONG)
    submitted = ApplicationSubmitted(
        application_id="383dd6c4-d698-8d4c-899f-4659b671ad9c",
        version=1,
        received_at=now,
        application=application,
    )
    decider = Decider(PROGRAMME, now, Histories(), Outlooks(PROGRAMME))
    proposal = decider.fact(an_event(submitted))
    return EligibilityDecided.model_validate(proposal.decision, from_attributes=True)


@given(applications, days)
def test_it_is_the_decision_that_the_service_would_store(application, as_of):
    answer = assessed(application.model_dump(mode="json"), as_of)
    decision = decided(application, as_of)

    for name in SAME:
        assert getattr(answer, name) == getattr(decision, name)
    assert answer.outcome_so_far == decision.outcome
    assert not [each for each in answer.not_judged if each.required]


@given(applications, days, st.sets(st.sampled_from(LEFT_OUT)))
def test_what_is_not_stated_is_never_guessed(application, as_of, left_out):
    """An outcome that is given holds whatever the open fields are, and so do the reasons."""
    if list(application_breaches(application)):
        return  # such a form is not accepted
    stated = deepcopy(application.model_dump(mode="json"))
    for part, name in left_out:
        stated.get(part, {}).pop(name, None)

    answer, decision = assessed(stated, as_of), decided(application, as_of)

    if answer.outcome is not None:
        assert answer.outcome == decision.outcome
    if answer.grant_cents is not None:
        assert answer.grant_cents == decision.grant_cents
    given_codes = {each.code for each in answer.reasons}
    codes = {each.code for each in decision.reasons}
    pending = {code for each in answer.not_judged if each.required for code in each.reasons}
    assert codes - given_codes <= pending
    if decision.outcome != "ineligible":  # a refusal names what failed, and nothing else
        assert given_codes <= codes


def few(**changes: Any) -> dict[str, Any]:
    return {
        "stream": "new-technology",
        "connection": {"ground": "1b"},
        "factory": {"place": "guangdong", "industry": "textiles"},
        "technology": {"on_technology_list": True, "developed_by": "hong-kong"},
        **changes,
    }


def test_a_few_answers_give_the_terms_but_no_outcome_that_a_missing_fact_could_change():
    answer = assessed(few(), IN_PHASE_5)

    assert (answer.outcome, answer.outcome_so_far, answer.phase) == (None, "eligible", "5")
    assert (answer.share_percent, answer.ceiling_cents) == (50, 75_000_000)
    assert (answer.grant_cents, answer.indicative_grant_cents) == (None, None)
    assert answer.outlook is None
    required = {each.pointer: each.reasons for each in answer.not_judged if each.required}
    assert required == {
        "/application/factory/registration_number": ("credit-code-not-valid",),
        "/application/project/cost_cents": (
            "grant-is-share",
            "grant-is-ceiling",
            "grant-is-sum-asked-for",
        ),
    }


def test_a_cost_gives_the_grant_that_the_terms_suggest():
    answer = assessed(few(project={"cost_cents": 160_000_000}), IN_PHASE_5)

    assert (answer.outcome, answer.grant_cents) == (None, None)
    assert answer.indicative_grant_cents == 75_000_000
    assert [each.code for each in answer.reasons] == ["grant-is-ceiling"]


def test_a_refusal_is_certain_whatever_is_missing():
    elsewhere = few(factory={"place": "elsewhere", "industry": "textiles"})
    answer = assessed(elsewhere, IN_PHASE_5)

    assert (answer.outcome, answer.grant_cents) == ("ineligible", 0)
    assert [each.code for each in answer.reasons] == ["factory-not-in-guangdong"]


def test_an_unknown_cost_alone_leaves_the_outcome_certain():
    answer = assessed(
        few(factory={"place": "hong-kong", "industry": "textiles"}, connection={"ground": "2"}),
        IN_PHASE_5,
    )

    assert (answer.outcome, answer.grant_cents) == ("eligible", None)


def test_days_matter_where_a_project_has_a_time_limit():
    short = {
        "stream": "assessment",
        "connection": {"ground": "2"},
        "factory": {"place": "hong-kong", "industry": "textiles"},
        "project": {"cost_cents": 8_000_000},
    }
    open_days = assessed(short, IN_PHASE_4)
    with_days = {**short, "project": {**short["project"], "starts_on": "2024-07-01"}}
    too_long = {**with_days, "project": {**with_days["project"], "ends_on": "2025-07-01"}}

    assert (open_days.outcome, open_days.indicative_grant_cents) == (None, 4_000_000)
    assert assessed(with_days, IN_PHASE_4).outcome is None
    assert assessed(too_long, IN_PHASE_4).outcome == "ineligible"


def test_optional_facts_are_named_with_the_reasons_that_they_decide():
    answer = assessed(few(further_grounds=[{"ground": "2"}]), IN_PHASE_5)

    optional = {each.pointer: each.reasons for each in answer.not_judged if not each.required}
    assert optional == {
        "/application/enterprise/business_registration_valid_until": (
            "business-registration-expired",
        ),
        "/application/connection/applicant_gives_capital": ("no-capital-from-applicant",),
        "/application/factory/owned_by": (
            "site-not-of-foreign-owned-enterprise",
            "site-not-of-applicant",
        ),
        "/application/factory/operated_by": (
            "site-not-of-foreign-owned-enterprise",
            "site-not-of-applicant",
        ),
        "/application/project/quotations": ("quotations-missing",),
        "/application/project/requested_cents": ("grant-is-sum-asked-for",),
        "/application/project/other_public_funding": ("other-public-funding",),
    }


def test_the_history_of_the_factory_is_not_looked_up_and_the_answer_says_so():
    complete = an_application("assessment").model_dump(mode="json")
    answer = assessed(complete, IN_PHASE_4)
    organisation = assessed(
        an_application("organisation-support").model_dump(mode="json"), IN_PHASE_4
    )

    assert {"another-case-open", "repeat-too-early"} <= {*answer.without_history}
    assert assessed(few(), IN_PHASE_5).without_history == ("another-case-open",)
    assert organisation.without_history == ()
    assert "history of the factory" in answer.note.en
    assert "紀錄" in answer.note.zh_hant
    assert "记录" in answer.note.zh_hans


@given(applications, days)
def test_every_code_that_is_named_is_a_reason_of_the_rules(application, as_of):
    answer = assessed(application.model_dump(mode="json"), as_of)
    explanations = {"grant-is-share", "grant-is-ceiling", "grant-is-sum-asked-for"}
    named = {code for each in answer.not_judged for code in each.reasons}

    assert named | {*answer.without_history} <= REFUSALS | REFERRALS | explanations
