"""The store in MongoDB: one insert for each fact; rulings and decisions meet in either order."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.eligibility.handlers import Decider, announce, build_handler, ruling_by
from services.eligibility.rules.histories import Histories, QueuePlace
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import NO_HISTORY, Completion
from services.eligibility.store.store import Completed, EligibilityStore, Withdrawn
from shared.events.intake import ApplicationWithdrawn
from tests.eligibility.rulings import a_ruling
from tests.factories import NOW, a_submission, an_event

PROGRAMME = load_programme()
DECIDER = Decider(PROGRAMME, NOW, Histories(), Outlooks(PROGRAMME))
rule = ruling_by(PROGRAMME)
LATER = NOW + timedelta(seconds=1)
FACTORY = "91440000PDY00001XK"
CASE = (FACTORY, "new-technology")
COMPLETION = Completion(date(2016, 7, 1), report_approved=True, recommended_measures=("Heat",))


@pytest.fixture
async def store(database):
    store = EligibilityStore(database, rule)
    await store.prepare()
    await store.prepare()
    return store


def a_proposal(**factory):
    return DECIDER.fact(an_event(a_submission("new-technology", factory=factory)))


def queue_place(application_id, case=CASE, received_at=LATER) -> QueuePlace:
    return QueuePlace(received_at, application_id, case)


def referred():
    return a_proposal(industry="other")


async def test_a_stored_decision_is_read_back_unchanged_and_announced_with_the_same_bytes(store):
    proposed = [a_proposal(), referred()]

    first, again = await store.keep(proposed), await store.keep(proposed)

    assert list(first) == list(again) == proposed
    assert [announce(each) for each in again] == [announce(each) for each in proposed]


async def test_a_field_that_release_0_1_0_does_not_know_is_stored_where_it_does_not_look(
    store, database
):
    decision = a_proposal().decision
    asked, silent = (
        replace(a_proposal(), decision=decision._replace(version=version, requested_cents=cents))
        for version, cents in ((1, 70_000), (2, None))
    )

    kept = await store.keep([asked, silent])
    documents = [each async for each in database["decisions"].find()]

    assert all("requested_cents" not in each for each in documents)
    assert [each["outlook"].get("requested_cents") for each in documents] == [70_000, None]
    assert list(await store.keep(kept)) == [asked, silent]


async def test_a_decision_stored_by_a_later_release_is_read_without_its_new_fields(store, database):
    proposed = a_proposal()
    await store.keep([proposed])
    await database["decisions"].update_many({}, {"$set": {"of_a_later_release": 1}})

    assert list(await store.keep([proposed])) == [proposed]


async def test_a_decision_stored_before_fields_were_placed_is_read(store, database):
    proposed = a_proposal()
    proposed = replace(proposed, decision=proposed.decision._replace(requested_cents=70_000))
    await store.keep([proposed])
    await database["decisions"].update_many(
        {}, {"$set": {"requested_cents": 70_000}, "$unset": {"outlook.requested_cents": ""}}
    )

    assert list(await store.keep([proposed])) == [proposed]


async def test_a_decided_version_is_never_decided_differently(store):
    first = a_proposal()
    other = replace(first, decision=first.decision._replace(outcome="ineligible", grant_cents=0))
    await store.keep([first])

    assert list(await store.keep([other])) == [first]


async def test_a_ruling_after_its_decision_leads_to_a_second_one(store):
    base = referred()
    ruling = a_ruling(base.decision)
    await store.keep([base])

    [ruled] = await store.keep([ruling])

    assert ruled.decision == rule(base.decision, ruling)
    assert [each.outcome for each in await store.decisions.of(base.decision.application_id)] == [
        "referred",
        "eligible",
    ]


async def test_a_ruling_without_a_trace_goes_on_in_that_of_its_decision(store):
    base = replace(referred(), traceparent="00-1-2-01")
    await store.keep([base])

    [ruled] = await store.keep([a_ruling(base.decision)])
    [own] = await store.keep([a_ruling(base.decision, ruling_id="R-2", traceparent="00-3-4-01")])

    assert ruled.traceparent == "00-1-2-01"
    assert own.traceparent == "00-3-4-01"


async def test_a_ruling_before_its_decision_waits_for_it(store):
    base = referred()
    ruling = a_ruling(base.decision)

    early = await store.keep([ruling])
    announced = await store.keep([base])

    assert list(early) == []
    assert [each.decision for each in announced] == [base.decision, rule(base.decision, ruling)]


async def test_a_ruling_and_its_decision_handled_concurrently_are_both_seen(store):
    bases = [referred() for _ in range(20)]
    keeping = [store.keep([fact]) for base in bases for fact in (base, a_ruling(base.decision))]

    await asyncio.gather(*keeping)

    for base in bases:
        decisions = await store.decisions.of(base.decision.application_id)
        assert [each.outcome for each in decisions] == ["referred", "eligible"]


async def test_a_ruling_repeated_decides_once_and_announces_the_same(store):
    base = referred()
    ruling = a_ruling(base.decision)
    await store.keep([base])

    first, again = await store.keep([ruling]), await store.keep([ruling, ruling])

    assert [announce(each) for each in first] == [announce(each) for each in again]
    assert len(await store.decisions.of(base.decision.application_id)) == 2


async def test_a_ruling_on_a_withdrawn_application_has_no_effect(store):
    base = referred()
    await store.keep([base])
    await store.keep([Withdrawn(base.decision.application_id)])

    assert list(await store.keep([a_ruling(base.decision)])) == []


@pytest.mark.parametrize("late_first", [True, False])
async def test_an_older_version_that_comes_late_changes_nothing(store, late_first):
    factory = {"registration_number": FACTORY}
    first = a_submission("new-technology", factory={**factory, "place": "elsewhere"})
    amended = a_submission(
        "new-technology", application_id=first.application_id, factory=factory
    ).model_copy(update={"version": 2})
    versions = [DECIDER.fact(an_event(each)) for each in (first, amended)]
    for each in reversed(versions) if late_first else versions:
        await store.keep([each])

    decisions = await store.decisions.of(first.application_id)

    assert [(each.version, each.outcome) for each in decisions] == [
        (1, "ineligible"),
        (2, "eligible"),
    ]
    assert (await store.histories([CASE])).of(queue_place("another")).other_open_cases == 1


async def test_a_factory_without_a_record_has_no_history(store):
    histories = await store.histories([CASE])

    assert histories.of(queue_place("any")) == NO_HISTORY


async def test_a_completed_assessment_is_in_its_factory_s_history_once(store):
    completed = Completed(str(uuid4()), "assessment", FACTORY, COMPLETION)
    await store.keep([completed])
    await store.keep([completed])

    history = (await store.histories([(FACTORY, "assessment")])).of(
        queue_place("any", (FACTORY, "assessment"))
    )

    assert history.assessments == (COMPLETION,)


async def test_another_open_application_of_the_same_factory_and_stream_counts(store):
    first, second = (a_proposal(registration_number=FACTORY) for _ in range(2))
    await store.keep([first, second, a_proposal()])

    histories = await store.histories([CASE])

    assert histories.of(queue_place(first.decision.application_id)).other_open_cases == 1
    assert histories.of(queue_place("another")).other_open_cases == 2
    assert histories.of(queue_place("another", (FACTORY, "assessment"))).other_open_cases == 0


async def test_the_lookup_of_a_factory_with_very_many_applications_is_bounded(store):
    flood = [a_proposal(registration_number=FACTORY) for _ in range(60)]
    other = a_proposal()
    quiet_case = (other.decision.factory_registration_number, "new-technology")
    await store.keep([*flood, other])

    histories = await store.histories([CASE, quiet_case])

    assert 0 < sum(map(len, histories.open_cases.values())) <= 40
    assert histories.of(queue_place("another")).other_open_cases > 0
    assert histories.of(queue_place("another", quiet_case)).other_open_cases == 1


async def test_an_application_that_is_withdrawn_completed_or_refused_is_not_open(store):
    facts = [a_proposal(registration_number=FACTORY) for _ in range(3)]
    withdrawn, completed, refused = (each.decision.application_id for each in facts)
    await store.keep(facts)
    await store.keep([Withdrawn(withdrawn)])
    await store.keep([Completed(completed, "new-technology", FACTORY, COMPLETION)])
    await store.keep([a_ruling(facts[2].decision, approved=False)])

    histories = await store.histories([CASE])

    assert refused
    assert histories.of(queue_place("another")).other_open_cases == 0


async def test_an_open_application_received_later_counts_only_once_it_is_granted(store):
    granted, waiting = (
        a_proposal(registration_number=FACTORY),
        a_proposal(registration_number=FACTORY, industry="other"),
    )
    await store.keep([granted, waiting])

    histories = await store.histories([CASE])

    before = NOW - timedelta(seconds=1)
    assert histories.of(queue_place("another")).other_open_cases == 2
    assert histories.of(queue_place("another", received_at=before)).other_open_cases == 1


async def test_two_applications_of_one_factory_in_one_batch_see_each_other(store):
    later, first = (
        a_submission("new-technology", received_at=at, factory={"registration_number": FACTORY})
        for at in (LATER, NOW)
    )
    batch = [an_event(each) for each in (later, first)]

    lookup = build_handler(store, PROGRAMME, lambda: NOW).lookup
    decide = await lookup(batch)
    stored = await store.keep([decide(each) for each in batch])

    assert [each.decision.outcome for each in stored] == ["referred", "eligible"]


async def test_an_application_withdrawn_in_the_same_batch_is_no_longer_open(store):
    first, second = (
        a_submission("new-technology", factory={"registration_number": FACTORY}) for _ in range(2)
    )
    await store.keep([DECIDER.fact(an_event(first))])
    withdrawn = ApplicationWithdrawn(
        application_id=first.application_id, version=2, withdrawn_at=NOW
    )

    lookup = build_handler(store, PROGRAMME, lambda: NOW).lookup
    decide = await lookup([an_event(withdrawn), an_event(second)])

    assert decide(an_event(second)).decision.outcome == "eligible"
