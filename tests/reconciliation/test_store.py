"""Expectations in MongoDB: the order and the number of deliveries make no difference."""

import asyncio
import random
from datetime import timedelta
from itertools import permutations

import pytest

from services.reconciliation.settings import ReconciliationSettings
from tests.factories import NOW, a_submission, amended, eligibility_decided, withdrawn
from tests.mongo import counted_operations
from tests.reconciliation.expectations import store
from tests.reconciliation.facts import (
    a_case,
    a_resent_case,
    a_withdrawn_case,
    an_amended_case,
    decisions,
    notified,
)

A_MINUTE = timedelta(minutes=1)
LATER = {"decided": NOW + A_MINUTE, "notified": NOW + A_MINUTE}


async def open_expectations(expectations):
    found = [
        each for stage, by in LATER.items() for each in await expectations.find(stage, by, 1000)
    ]
    assert {stage: len([e for e in found if e.stage == stage]) for stage in LATER} == dict(
        await expectations.count(LATER)
    )
    return [(each.stage, each.application_id, each.version) for each in found]


async def test_an_accepted_version_is_open_until_its_decision_and_then_until_the_notification(
    expectations,
):
    submitted, decided, _, notified = a_case()
    application = submitted.application_id

    await store(expectations, submitted)
    assert await open_expectations(expectations) == [("decided", application, 1)]
    await store(expectations, decided)
    assert await open_expectations(expectations) == [("notified", application, 1)]
    await store(expectations, notified)
    assert await open_expectations(expectations) == []


@pytest.mark.parametrize("build_case", [a_case, an_amended_case, a_withdrawn_case, a_resent_case])
async def test_a_completed_case_leaves_nothing_open_in_any_order(expectations, build_case):
    orders = list(permutations(range(len(build_case()))))
    cases = [(order, build_case()) for order in random.Random(1).sample(orders, 24)]

    for step in range(len(orders[0])):
        await store(expectations, *(case[order[step]] for order, case in cases))

    assert await open_expectations(expectations) == []


@pytest.mark.parametrize(
    ("missing", "left"), [(0, []), (1, []), (2, [("notified", 1)]), (3, [("notified", 2)])]
)
async def test_a_missing_fact_leaves_the_same_expectation_open_in_any_order_and_if_repeated(
    expectations, missing, left
):
    """Of submission, decision, withdrawal and the mail about it, one is missing."""
    orders = list(permutations({0, 1, 2, 3} - {missing}))
    cases = [(order, a_withdrawn_case()) for order in orders]

    for step in (0, 1, 0, 2, 2, 1):
        await store(expectations, *(case[order[step]] for order, case in cases))

    found = await open_expectations(expectations)
    assert [
        [(e[0], e[2]) for e in found if e[1] == case[0].application_id] for _, case in cases
    ] == [left] * len(cases)


async def test_facts_of_one_batch_meet_each_others_expectations(expectations):
    await store(expectations, *a_case(), *an_amended_case(), *a_withdrawn_case())

    assert await open_expectations(expectations) == []


async def test_facts_handled_concurrently_meet_each_others_expectations(expectations):
    cases = [build_case() for build_case in (a_case, an_amended_case, a_withdrawn_case) * 15]

    await asyncio.gather(*(store(expectations, fact) for case in cases for fact in case))

    assert await open_expectations(expectations) == []


async def test_every_kind_of_fact_is_met_by_its_own_notification(expectations):
    facts = decisions(a_submission().application_id)[:-1]
    await store(expectations, *facts)
    assert len(await open_expectations(expectations)) == len(facts)

    for left, fact in reversed(list(enumerate(facts))):
        await store(expectations, notified(fact, failed=True))
        assert len(await open_expectations(expectations)) == left


async def test_a_withdrawal_leaves_other_applications_alone(expectations):
    submitted, other = a_submission(), a_submission()
    await store(expectations, submitted, other)

    await store(expectations, withdrawn(submitted.application_id))

    assert await open_expectations(expectations) == [
        ("decided", other.application_id, 1),
        ("notified", submitted.application_id, 2),
    ]


async def test_only_overdue_expectations_are_orphans_the_longest_known_first(expectations):
    late, later, early = a_submission(), a_submission(), a_submission()
    await store(expectations, late, now=NOW, at=NOW - 9 * A_MINUTE)
    await store(expectations, later, now=NOW + timedelta(seconds=1))
    await store(expectations, early, now=NOW + 2 * A_MINUTE)

    found = await expectations.find("decided", NOW + A_MINUTE, 10)

    assert [each.application_id for each in found] == [late.application_id, later.application_id]
    assert found[0].since == NOW - 9 * A_MINUTE
    assert len(await expectations.find("decided", NOW + A_MINUTE, 1)) == 1


async def test_a_redelivery_does_not_reset_the_time(expectations):
    submitted = a_submission()
    await store(expectations, submitted)

    await store(expectations, submitted, now=NOW + 5 * A_MINUTE)

    assert await open_expectations(expectations) == [("decided", submitted.application_id, 1)]


async def test_a_met_expectation_has_nothing_but_its_id(expectations, database):
    submitted, decided, _, notified = a_case()
    await store(expectations, submitted, decided, notified)

    stored = [each async for each in database["expectations"].find()]

    assert sorted(each["_id"] for each in stored) == [
        f"decided/{submitted.application_id}:1",
        f"notified/{submitted.application_id}:eligibility:1",
    ]
    assert {len(each) for each in stored} == {1}


async def test_counting_examines_only_open_expectations(expectations, database):
    await store(expectations, *(fact for _ in range(50) for fact in a_case()))
    await store(expectations, a_submission(), amended(a_submission().application_id))

    counted = await database.command(
        "explain",
        {
            "find": "expectations",
            "filter": {"stage": "decided", "noticed_at": {"$lte": NOW + A_MINUTE}},
        },
        verbosity="executionStats",
    )

    assert counted["executionStats"]["totalDocsExamined"] == 2
    assert counted["executionStats"]["totalKeysExamined"] <= 3


async def test_closing_a_withdrawn_application_examines_only_open_expectations(
    expectations, database
):
    submitted = a_submission()
    await store(
        expectations, submitted, eligibility_decided(application_id=submitted.application_id)
    )
    await store(expectations, *(fact for _ in range(20) for fact in a_case()))

    explained = await database.command(
        "explain",
        {"find": "expectations", "filter": {"application_id": submitted.application_id}},
        verbosity="executionStats",
    )

    assert explained["executionStats"]["totalDocsExamined"] == 1


def test_each_stage_has_its_own_time_limit():
    settings = ReconciliationSettings(decided_within_minutes=5, notified_within_minutes=60)

    assert settings.latest(NOW) == {
        "decided": NOW - 5 * A_MINUTE,
        "notified": NOW - 60 * A_MINUTE,
    }


async def test_what_a_batch_expects_and_meets_is_inserted_as_met_in_one_write(
    expectations, database
):
    cases = [a_case() for _ in range(50)]

    async with counted_operations(database) as operations:
        await store(expectations, *(fact for case in cases for fact in case))

    assert operations == {"insert expectations": 1}
    assert await open_expectations(expectations) == []


async def test_what_was_expected_before_is_met_when_the_batch_is_read_again(expectations):
    cases = [a_case() for _ in range(3)]

    for case in cases:
        await store(expectations, *case[:2])
    await store(expectations, *(fact for case in cases for fact in case))

    assert await open_expectations(expectations) == []


async def test_what_earlier_batches_expected_is_met_in_one_update(expectations, database):
    submitted, decided, _, mailed = zip(*(a_case() for _ in range(50)), strict=True)
    await store(expectations, *submitted, *decided)

    async with counted_operations(database) as operations:
        await store(expectations, *mailed)

    assert operations == {"update expectations": 1}
    assert await open_expectations(expectations) == []


async def test_what_is_met_before_it_is_expected_stays_met_beside_what_was_expected(
    expectations, database
):
    early, late = a_case(), a_case()
    await store(expectations, *late[:2])

    await store(expectations, early[3], late[3])
    assert await open_expectations(expectations) == []
    await store(expectations, *early[:2])

    assert await open_expectations(expectations) == []
    assert {len(each) async for each in database["expectations"].find()} == {1}
