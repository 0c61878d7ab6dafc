"""Decisions in MongoDB: one for each version, whoever writes first."""

import asyncio
from dataclasses import replace

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
    return replace(proposal, decision=proposal.decision._replace(**changes))


def decided_differently(first: Proposal) -> Proposal:
    return replace(first, decision=first.decision._replace(outcome="qualified", reasons=Reasons()))


async def test_a_stored_decision_is_read_back_unchanged(decisions):
    proposed = [a_proposal() for _ in range(3)]

    assert list(await decisions.keep(proposed)) == proposed
    assert list(await decisions.keep(proposed)) == proposed


async def test_a_stored_decision_is_announced_with_the_same_bytes(decisions):
    first = a_proposal()
    await decisions.keep([first])

    [stored] = await decisions.keep([replace(first, traceparent="another")])

    assert announce(stored) == announce(first)


async def test_a_decided_version_is_never_decided_differently(decisions):
    first = a_proposal()
    await decisions.keep([first])

    assert list(await decisions.keep([decided_differently(first)])) == [first]


async def test_the_first_of_two_in_one_batch_wins(decisions):
    first = a_proposal()

    assert list(await decisions.keep([first, decided_differently(first)])) == [first]


async def test_stored_and_new_decisions_are_returned_in_the_order_of_the_batch(decisions):
    known, new, other = a_proposal(), a_proposal(), a_proposal()
    await decisions.keep([known])

    stored = await decisions.keep([new, decided_differently(known), other])

    assert list(stored) == [new, known, other]


async def test_two_writers_of_one_version_agree_on_one_decision(decisions):
    first = a_proposal()

    stored = await asyncio.gather(
        *(decisions.keep([each]) for each in [first, decided_differently(first)] * 10)
    )

    assert len({tuple(each) for each in stored}) == 1


async def test_an_application_shows_its_decisions_in_the_order_of_versions(decisions):
    first = a_proposal()
    second = replace(first, decision=first.decision._replace(version=2))
    await decisions.keep([second, first, a_proposal()])

    found = await decisions.of(first.decision.application_id)

    assert list(found) == [first.decision, second.decision]
