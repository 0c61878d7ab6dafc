"""Calls to `eligibility`: bounded in time and size, and fewer while it does not answer."""

import asyncio
import json

import httpx
import pytest

from services.eligibility.app import create_app
from services.portal.self_check.circuit import Circuit
from services.portal.self_check.eligibility import Eligibility, RefusedError, UnavailableError

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BODY = {
    "application": {
        "stream": "organisation-support",
        "organisation": {"kind": "trade-association", "based_in_hong_kong": True},
    }
}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Rules:
    """What answers, and how often it was asked."""

    def __init__(self, answer):
        self.answer, self.asked, self.ended, self.clock = answer, [], [], Clock()
        self.circuit = Circuit(3, 5.0, self.clock)

    async def ask(self, body=BODY, seconds=5.0):
        async def handle(request):
            self.asked.append(request)
            return await self.answer(request)

        transport = httpx.MockTransport(handle)
        client = Eligibility("http://rules/", seconds, self.ended.append, self.circuit, transport)
        try:
            return await client.assess(body, TRACE)
        finally:
            await client.close()


def answering(status, content):
    async def answer(_request):
        return httpx.Response(status, content=content)

    return answer


async def away(request):
    raise httpx.ConnectError(request.method)


async def slow(_request):
    await asyncio.Event().wait()


@pytest.fixture(scope="module")
def real():
    return httpx.ASGITransport(create_app()).handle_async_request


async def test_an_answer_is_read(real):
    rules = Rules(real)
    assessment = await rules.ask(BODY | {"as_of": "2024-06-03"})

    assert (assessment.phase, assessment.outcome_so_far) == ("4", "referred")
    assert rules.ended == ["answered"]
    assert rules.asked[0].headers["traceparent"] == TRACE
    assert str(rules.asked[0].url) == "http://rules/v1/assessments"


async def test_fields_that_are_refused_are_named(real):
    rules = Rules(real)
    with pytest.raises(RefusedError) as refused:
        await rules.ask(BODY | {"as_of": "1999-01-01"})

    assert refused.value.pointers == ("/as_of",)
    assert rules.ended == ["refused"]


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (away, "away"),
        (answering(503, b""), "away"),
        (answering(429, b"{}"), "busy"),
        (answering(404, b"<html>"), "garbage"),
        (answering(302, b""), "garbage"),
        (answering(200, b"<html>"), "garbage"),
        (answering(200, b"{}"), "garbage"),
        (answering(200, json.dumps({"outcome": "eligible"}).encode()), "garbage"),
        (answering(200, b" " * 300_000), "garbage"),
        (answering(422, b"[]"), "garbage"),
        (slow, "slow"),
    ],
)
async def test_whatever_else_comes_means_that_the_rules_cannot_be_asked(answer, how):
    rules = Rules(answer)
    with pytest.raises(UnavailableError):
        await rules.ask(seconds=0.05 if answer is slow else 5.0)

    assert rules.ended == [how]


async def test_after_three_failures_it_is_asked_only_now_and_then(real):
    rules = Rules(away)
    for _ in range(5):
        with pytest.raises(UnavailableError):
            await rules.ask()
    assert rules.ended == ["away"] * 3 + ["not-asked"] * 2

    rules.clock.now = 5.0
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await rules.ask()
    assert rules.ended[5:] == ["away", "not-asked"]

    rules.clock.now, rules.answer = 10.0, real
    await rules.ask()
    await rules.ask()
    assert rules.ended[7:] == ["answered", "answered"]


async def test_a_busy_service_and_a_refusal_are_no_failures():
    rules = Rules(answering(429, b"{}"))
    for _ in range(5):
        with pytest.raises(UnavailableError):
            await rules.ask()
    assert rules.ended == ["busy"] * 5


def test_of_many_that_ask_at_once_only_one_tries_a_service_that_was_away():
    clock = Clock()
    circuit = Circuit(1, 5.0, clock)
    circuit.note(worked=False)
    clock.now = 5.0

    assert [circuit.may_ask() for _ in range(3)] == [True, False, False]
