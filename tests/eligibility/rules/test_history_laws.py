"""Laws of the rules with any stored history and any other application."""

import random
from dataclasses import replace
from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.handlers import build_handler, ruling_by
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import Completion, History
from services.eligibility.rules.rules import REFUSALS, decide
from services.eligibility.store.store import EligibilityStore
from shared.events.intake import RecognitionClaim, RepeatClaim
from shared.mongo import open_database
from shared.settings import MongoSettings
from tests.eligibility.strategies import applications, days
from tests.factories import NOW, a_submission, an_application, an_event

PROGRAMME = load_programme()
MEASURES = ["Heat recovery", "Low-liquor dyeing"]
claims = st.builds(
    RepeatClaim,
    earlier_case_number=st.just("CP-1"),
    implemented_measure=st.none() | st.sampled_from(MEASURES),
    measure_is_facility_investment=st.booleans(),
    change=st.none() | st.sampled_from(["production-process", "recognition-sought"]),
    environmental_benefit_shown=st.sampled_from([None, True, False]),
    recognition=st.none()
    | st.builds(
        RecognitionClaim,
        status=st.sampled_from(["pursued", "held"]),
        level=st.sampled_from(["municipal", "national", "other"]),
    ),
)
histories = st.builds(
    History,
    st.lists(
        st.builds(
            Completion,
            st.dates(date(2008, 4, 18), date(2026, 1, 1)),
            st.booleans(),
            st.sampled_from([(), tuple(MEASURES)]),
        ),
        max_size=3,
    ).map(lambda each: tuple(sorted(each, key=lambda one: one.completed_on))),
    st.integers(0, 2),
    st.just(0),
)
assessments = st.builds(
    lambda claim: an_application("assessment").model_copy(update={"repeat": claim}),
    st.none() | claims,
)


@given(applications | assessments, days, histories)
def test_with_any_history_there_is_an_outcome_with_a_reason(application, day, history):
    decision = decide(application, day, PROGRAMME, history)

    assert decision.outcome in {"eligible", "ineligible", "referred"}
    assert decision.reasons
    if decision.outcome == "ineligible":
        assert decision.grant_cents == 0
        assert REFUSALS.intersection(decision.reasons)


@given(applications | assessments, days, histories)
def test_an_open_case_never_makes_an_application_better_off(application, day, history):
    alone = decide(application, day, PROGRAMME, History(history.assessments, 0))
    beside_another = decide(application, day, PROGRAMME, History(history.assessments, 1))

    assert beside_another.outcome != "eligible"
    assert (alone.outcome == "ineligible") == (beside_another.outcome == "ineligible")
    assert ("another-case-open" in beside_another.reasons) == (alone.outcome != "ineligible")


@given(applications | assessments, days, histories)
def test_a_refusal_names_what_failed_and_nothing_else(application, day, history):
    decision = decide(application, day, PROGRAMME, history)

    assert decision.outcome != "ineligible" or REFUSALS.issuperset(decision.reasons)


@given(applications | assessments, days, histories)
def test_a_grant_that_is_not_completed_refuses_another_assessment_alone(application, day, history):
    decision = decide(application, day, PROGRAMME, replace(history, other_granted_cases=1))

    is_refused_for_it = "earlier-assessment-not-completed" in decision.reasons
    assert is_refused_for_it == (application.stream == "assessment")
    assert not is_refused_for_it or decision.outcome == "ineligible"


@given(assessments, days, histories)
def test_the_same_facts_always_give_the_same_decision(application, day, history):
    first = decide(application, day, PROGRAMME, history)

    assert decide(application, day, load_programme(), history) == first


async def test_the_order_of_different_applications_does_not_matter_to_stored_decisions(infra):
    submissions = [a_submission("new-technology") for _ in range(30)]
    submissions += [a_submission("assessment", factory={"industry": "other"}) for _ in range(10)]
    shuffled = random.Random(11).sample(submissions, len(submissions))

    assert await decided_in(infra, submissions) == await decided_in(infra, shuffled)


async def decided_in(infra, submissions) -> dict[str, object]:
    """Decide applications one after the other, each with the history stored so far."""
    name = f"test-{uuid4().hex}"
    async with open_database(MongoSettings(url=infra.mongodb_url), name) as database:
        store = EligibilityStore(database, ruling_by(PROGRAMME))
        await store.prepare()
        handling = build_handler(store, PROGRAMME, lambda: NOW)
        for submitted in submissions:
            event = an_event(submitted)
            lookup = handling.lookup
            fact = (await lookup([event]))(event)
            await store.keep([fact])
        stored = {
            each.application_id: await store.decisions.of(each.application_id)
            for each in submissions
        }
        await database.client.drop_database(name)
        return stored
