"""One contract for the store in memory and in MongoDB: the fake does not lie."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.eligibility.handlers import announce, propose
from services.eligibility.programme import load_programme
from services.eligibility.store import decisions_in
from shared.decisions import Decisions, Proposal
from shared.mongo import open_database
from shared.settings import MongoSettings
from tests.factories import NOW, a_submission, an_event
from tests.in_memory import InMemoryDecisions


@pytest.fixture(params=["memory", "mongodb"])
async def decisions(request):
    if request.param == "memory":
        yield InMemoryDecisions()
        return
    infra, name = request.getfixturevalue("infra"), f"test-{uuid4().hex}"
    async with open_database(MongoSettings(url=infra.mongodb_url), name) as database:
        store = decisions_in(database)
        await store.prepare()
        await store.prepare()
        yield store
        await database.client.drop_database(name)


def proposals(count: int) -> list[Proposal]:
    programme = load_programme()
    made = [
        propose(an_event(a_submission("new-technology"), traceparent="t"), programme, NOW)
        for _ in range(count)
    ]
    return [each for each in made if each]


async def test_what_is_kept_comes_back_as_it_was(decisions: Decisions):
    proposed = proposals(3)

    assert list(await decisions.keep(proposed)) == proposed
    assert list(await decisions.keep(proposed)) == proposed


async def test_what_is_read_back_is_announced_with_the_same_bytes(decisions: Decisions):
    proposed = proposals(2)
    await decisions.keep(proposed)

    kept = await decisions.keep(proposed)

    assert [announce(each) for each in kept] == [announce(each) for each in proposed]


async def test_a_version_once_decided_is_never_decided_otherwise(decisions: Decisions):
    [first] = proposals(1)
    other = replace(first, decided=replace(first.decided, outcome="ineligible", grant_cents=0))
    await decisions.keep([first])

    assert list(await decisions.keep([other])) == [first]


async def test_the_first_of_two_in_one_batch_wins(decisions: Decisions):
    [first] = proposals(1)
    other = replace(first, decided=replace(first.decided, outcome="ineligible", grant_cents=0))

    assert list(await decisions.keep([first, other])) == [first]


async def test_an_application_shows_its_decisions_in_the_order_of_versions(decisions: Decisions):
    [first] = proposals(1)
    second = replace(first, decided=replace(first.decided, version=2))
    await decisions.keep([second, first, *proposals(1)])

    found = await decisions.of(first.decided.application_id)

    assert list(found) == [first.decided, second.decided]
