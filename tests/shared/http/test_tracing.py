"""The span of a request: its route and its outcome, and nothing that a client typed."""

from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, Request

from shared.correlation import traceparent_of
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from tests.tracing import SENDER, UNSAMPLED, parent_of

OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


@asynccontextmanager
async def nothing(_app):
    yield


@pytest.fixture
async def client():
    router = APIRouter()

    @router.get("/things/{name}")
    async def thing(name: str, request: Request) -> dict[str, str]:
        if name == "broken":
            raise RuntimeError
        return {"span": traceparent_of(request.scope)}

    app = create_app(Service("sample", Metrics("sample")), nothing, [router])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


async def test_a_request_is_a_span_of_the_clients_trace(spans, client):
    answer = await client.get(
        "/things/chan@example.com?email=chan", headers={"traceparent": SENDER}
    )

    [span] = spans.ended
    assert span.name == "GET /things/{name}"
    assert span.kind.name == "SERVER"
    assert parent_of(span) == SENDER
    assert answer.json()["span"][3:35] == SENDER[3:35]
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/things/{name}",
        "http.response.status_code": 200,
    }


async def test_without_a_client_that_traces_a_request_is_a_root(spans, client):
    await client.get("/things/1", headers={"traceparent": "nonsense"})

    [span] = spans.ended
    assert span.parent is None


async def test_a_client_that_does_not_record_is_followed(spans, client):
    answer = await client.get("/things/1", headers={"traceparent": UNSAMPLED})

    assert spans.ended == []
    assert answer.json()["span"].endswith("-00")
    assert answer.json()["span"][3:35] == UNSAMPLED[3:35]


async def test_a_failure_is_a_failed_span(spans, client):
    await client.get("/things/broken")

    [span] = spans.ended
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == "500"


async def test_an_unknown_path_is_not_in_a_span(spans, client):
    await client.get("/chan@example.com")

    [span] = spans.ended
    assert span.name == "GET unknown"


async def test_what_machines_ask_every_few_seconds_is_not_traced(spans, client):
    for path in ("/livez", "/readyz", "/metrics"):
        await client.get(path)

    assert spans.ended == []


async def test_the_duration_of_a_request_has_its_trace_as_exemplar(spans, client):
    await client.get("/things/1")

    trace = f"{spans.ended[0].context.trace_id:032x}"
    text = (await client.get("/metrics", headers=OPENMETRICS)).text
    [line] = [each for each in text.splitlines() if "trace_id" in each]
    assert line.startswith("cppp_http_request_duration_seconds_bucket")
    assert f'# {{trace_id="{trace}"}}' in line
    assert "trace_id" not in (await client.get("/metrics")).text


async def test_without_tracing_what_follows_from_a_request_follows_from_its_client(client):
    answer = await client.get("/things/1", headers={"traceparent": SENDER})

    assert answer.json() == {"span": SENDER}
