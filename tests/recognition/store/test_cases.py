"""Decisions in MongoDB: one for each version, whoever writes first."""

import asyncio

import pytest

from services.recognition.handlers import announce, propose
from services.recognition.rules.scheme import load_scheme
from services.recognition.store.cases import decisions_in
from shared.decisions.model import Proposal
from shared.decisions.shared_values import Reasons
from tests.factories import NOW, a_submission, an_event

SCHEME = load_scheme()


@pytest.fixture
def decisions(database):
    return decisions_in(database)


def a_proposal(**changes) -> Proposal:
    submission = a_submission("recognition", candidacy={"measures_implemented": 0})
    proposal = propose(an_event(submission, traceparent="trace"), SCHEME, NOW)
    assert proposal
    return proposal._replace(decision=proposal.decision._replace(**changes))


def decided_otherwise(first: Proposal) -> Proposal:
    return first._replace(decision=first.decision._replace(outcome="qualified", reasons=Reasons()))


async def test_what_is_kept_comes_back_as_it_was(decisions):
    proposed = [a_proposal() for _ in range(3)]

    assert list(await decisions.keep(proposed)) == proposed
    assert list(await decisions.keep(proposed)) == proposed


async def test_what_is_read_back_is_announced_with_the_same_bytes(decisions):
    first = a_proposal()
    await decisions.keep([first])

    [kept] = await decisions.keep([first._replace(traceparent="another")])

    assert announce(kept) == announce(first)


async def test_a_version_once_decided_is_never_decided_otherwise(decisions):
    first = a_proposal()
    await decisions.keep([first])

    assert list(await decisions.keep([decided_otherwise(first)])) == [first]


async def test_the_first_of_two_in_one_batch_wins(decisions):
    first = a_proposal()

    assert list(await decisions.keep([first, decided_otherwise(first)])) == [first]


async def test_known_and_new_ones_come_back_in_the_order_of_the_batch(decisions):
    known, new, other = a_proposal(), a_proposal(), a_proposal()
    await decisions.keep([known])

    kept = await decisions.keep([new, decided_otherwise(known), other])

    assert list(kept) == [new, known, other]


async def test_two_writers_of_one_version_agree_on_one_decision(decisions):
    first = a_proposal()

    kept = await asyncio.gather(
        *(decisions.keep([each]) for each in [first, decided_otherwise(first)] * 10)
    )

    assert len({tuple(each) for each in kept}) == 1


async def test_an_application_shows_its_decisions_in_the_order_of_versions(decisions):
    first = a_proposal()
    second = first._replace(decision=first.decision._replace(version=2))
    await decisions.keep([second, first, a_proposal()])

    found = await decisions.of(first.decision.application_id)

    assert list(found) == [first.decision, second.decision]
