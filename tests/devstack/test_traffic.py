"""Steady traffic for a platform that runs."""

import json
import time
from itertools import islice

import httpx

from devstack.traffic import bodies, submit_steadily


async def test_applications_are_submitted_at_a_steady_rate_each_with_its_own_key():
    keys = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        assert json.loads(request.content).keys() == {"application", "contact"}
        return httpx.Response(202 if len(keys) > 1 else 503)

    started = time.monotonic()
    async with client(answer) as http:
        found = await submit_steadily(http, bodies(), rate=100, seconds=0.2)

    assert found == {"202": 19, "503": 1}
    assert len({*keys}) == 20
    assert time.monotonic() - started >= 0.19


async def test_a_request_that_fails_stops_nothing():
    def fail(request: httpx.Request) -> httpx.Response:
        message = "nobody is there"
        raise httpx.ConnectError(message, request=request)

    async with client(fail) as http:
        found = await submit_steadily(http, bodies(), rate=1000, seconds=0.01)

    assert found == {"ConnectError": 10}


def test_the_samples_begin_again_after_the_last_one():
    first, *_, again = islice(bodies(), 1001)

    assert first == again


def client(answer) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url="http://intake", transport=httpx.MockTransport(answer), trust_env=False
    )
