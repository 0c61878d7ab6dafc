"""A service's HTTP application while its dependencies are down, and its metrics."""

from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import httpx
import pytest
from fastapi import APIRouter

from shared.errors import TransientError
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from shared.service.lifespan import never_ready, producer_running
from tests.waiting import eventually_async


@asynccontextmanager
async def nothing(_app):
    yield


@asynccontextmanager
async def client_of(app):
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield client


@pytest.fixture
def service():
    return Service("sample", Metrics("sample"))


async def test_a_service_that_waits_for_kafka_is_alive_and_reports_what_it_waits_for(
    service, monkeypatch
):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")

    @asynccontextmanager
    async def running(_app):
        async with producer_running(service, [], lambda _publisher, closing: closing.wait()):
            yield

    async with client_of(create_app(service, running)) as client:
        live, ready = await client.get("/livez"), await client.get("/readyz")

    assert live.status_code == HTTPStatus.OK
    assert ready.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert ready.json() == {"status": "waiting", "waiting_for": ["kafka"]}


async def test_a_check_that_fails_is_reported_with_its_reason_if_there_is_one(service):
    reasons = {"mail-server": "starttls-454", "kafka": "", "mongodb": "unused"}
    service.readiness_checks = {"mail-server": never_ready, "kafka": never_ready}
    service.explanations = {name: partial(str, reason) for name, reason in reasons.items()}

    async with client_of(create_app(service, nothing)) as client:
        ready = await client.get("/readyz")

    assert ready.json() == {
        "status": "waiting",
        "waiting_for": ["mail-server", "kafka"],
        "reasons": {"mail-server": "starttls-454"},
    }


@pytest.mark.parametrize(
    ("failing", "status", "state"),
    [
        ({"dead-letter-breaker"}, HTTPStatus.OK, "degraded"),
        ({"first-read", "dead-letter-breaker"}, HTTPStatus.SERVICE_UNAVAILABLE, "waiting"),
        (set(), HTTPStatus.OK, "ready"),
    ],
)
async def test_a_service_that_names_what_it_requires_is_ready_without_all_else(
    service, failing, status, state
):
    service.required_checks = frozenset({"first-read"})
    service.readiness_checks = dict.fromkeys(failing, never_ready)

    async with client_of(create_app(service, nothing)) as client:
        ready = await client.get("/readyz")

    assert (ready.status_code, ready.json()["status"]) == (status, state)
    assert set(ready.json()["waiting_for"]) == failing


async def test_a_service_is_ready_once_kafka_answers(service, infra, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infra.kafka_bootstrap_servers)

    @asynccontextmanager
    async def running(_app):
        async with producer_running(service, [], lambda _publisher, closing: closing.wait()):
            yield

    async with client_of(create_app(service, running)) as client:
        while (ready := await client.get("/readyz")).status_code != HTTPStatus.OK:
            pass

    assert ready.json() == {"status": "ready", "waiting_for": []}


async def test_requests_are_counted_by_route_and_an_unknown_path_is_not_a_label(service):
    async with client_of(create_app(service, nothing)) as client:
        await client.get("/livez")
        await client.get("/invented-by-a-visitor")
        metrics = (await client.get("/metrics")).text

    assert (
        'cppp_http_requests_total{method="GET",route="/livez",service="sample",status="200"} 1.0'
        in metrics
    )
    assert 'route="unknown",service="sample",status="404"} 1.0' in metrics
    assert "invented" not in metrics


async def test_requests_in_flight_are_shown(service):
    async with client_of(create_app(service, nothing)) as client:
        text = (await client.get("/metrics")).text

    assert 'cppp_inflight{service="sample"} 1.0' in text  # this request
    assert service.metrics.in_flight == 0


async def test_every_error_is_a_problem_document(service):
    router = APIRouter()

    @router.get("/outage")
    async def outage() -> None:
        raise TransientError

    async with client_of(create_app(service, nothing, [router])) as client:
        missing, forbidden = await client.get("/missing"), await client.post("/livez")
        unavailable = await client.get("/outage")

    assert missing.json()["type"] == "urn:cppp:problem:not-found"
    assert forbidden.json()["type"] == "urn:cppp:problem:method-not-allowed"
    assert forbidden.headers["allow"] == "GET, HEAD"
    assert unavailable.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert unavailable.headers["retry-after"] == "5"
    assert {each.headers["content-type"] for each in (missing, forbidden, unavailable)} == {
        "application/problem+json"
    }


def test_every_metric_has_a_meaning_and_a_unit_in_its_name():
    families = list(Metrics("sample").registry.collect())
    ours = [family for family in families if family.name.startswith("cppp_")]

    assert len(ours) > 10
    assert all(family.documentation.endswith(".") for family in ours)
    units = ("_seconds", "_size", "_partitions", "_records", "_pending", "_connections")
    assert all(
        family.name.endswith((*units, "_inflight", "_info", "_stopped", "_waiting_for"))
        for family in ours
        if family.type in {"gauge", "histogram"}
    )


async def test_what_a_service_waits_for_is_a_metric(service):
    async def is_ready() -> bool:
        return True

    service.readiness_checks = {"kafka": never_ready, "mongodb": is_ready}

    async with client_of(create_app(service, nothing)) as client:

        async def shown() -> str:
            return (await client.get("/metrics")).text

        text = await eventually_async(shown, holds=lambda text: 'check="mongodb"' in text)

    assert 'cppp_waiting_for{check="kafka",service="sample"} 1.0' in text
    assert 'cppp_waiting_for{check="mongodb",service="sample"} 0.0' in text


async def test_failed_requests_are_counted_from_0(service):
    async with client_of(create_app(service, nothing)) as client:
        text = (await client.get("/metrics")).text

    for status in ("500", "503"):
        labels = f'method="GET",route="/livez",service="sample",status="{status}"'
        assert f"cppp_http_requests_total{{{labels}}} 0.0" in text


async def test_requests_refused_before_their_route_is_known_are_counted_from_0(service):
    async with client_of(create_app(service, nothing)) as client:
        text = (await client.get("/metrics")).text

    for status in ("400", "408", "431"):
        labels = f'method="unknown",route="unknown",service="sample",status="{status}"'
        assert f"cppp_http_requests_total{{{labels}}} 0.0" in text


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text; version=1.0.0",
        ),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
async def test_metrics_have_the_format_that_is_asked_for(service, accept, content_type):
    async with client_of(create_app(service, nothing)) as client:
        answer = await client.get("/metrics", headers={"Accept": accept})

    assert answer.headers["content-type"].startswith(content_type)
    assert answer.headers["vary"] == "Accept"
    assert answer.text.endswith("# EOF\n") == content_type.startswith("application")
