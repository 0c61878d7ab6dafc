"""The orphans in the HTTP API and in the metrics."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from prometheus_client import generate_latest

from services.reconciliation.app import create_app
from services.reconciliation.settings import ReconciliationSettings
from services.reconciliation.sweep import Sweep
from shared.clock import utc_now
from shared.metrics import Metrics
from tests.factories import a_submission, eligibility_decided
from tests.reconciliation.expectations import store
from tests.reconciliation.facts import an_id

AGO = timedelta(minutes=11)


@pytest.fixture
async def client(expectations):
    app = create_app()
    app.state.expectations = expectations
    app.state.settings = ReconciliationSettings()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.fixture
async def orphans(expectations):
    """Store an overdue application, an overdue notification, and an application in time."""
    submitted, decided = a_submission(), eligibility_decided(application_id=an_id(), version=2)
    long_ago = utc_now() - AGO
    await store(expectations, submitted, decided, now=long_ago, at=long_ago)
    await store(expectations, a_submission(), now=utc_now())
    return [
        {
            "application_id": submitted.application_id,
            "version": 1,
            "stage": "decided",
            "since": long_ago.isoformat(timespec="milliseconds"),
            "subject": f"{submitted.application_id}:1",
        },
        {
            "application_id": decided.application_id,
            "version": 2,
            "stage": "notified",
            "since": long_ago.isoformat(timespec="milliseconds"),
            "subject": f"{decided.application_id}:eligibility:2",
        },
    ]


def normalised(shown):
    return [
        {**each, "since": each["since"].replace("Z", "+00:00").replace("000+00", "+00")}
        for each in shown
    ]


async def test_orphans_are_shown_with_the_missing_stage_and_since_when(client, orphans):
    answer = (await client.get("/v1/orphans")).json()

    assert answer["counts"] == {"decided": 1, "notified": 1}
    assert normalised(answer["orphans"]) == orphans


async def test_of_many_orphans_only_the_first_are_shown_but_all_are_counted(client, orphans):
    first = (await client.get("/v1/orphans", params={"limit": 1})).json()
    unnotified = (await client.get("/v1/orphans", params={"stage": "notified"})).json()

    assert normalised(first["orphans"]) == orphans[:1]
    assert normalised(unnotified["orphans"]) == orphans[1:]
    assert first["counts"] == unnotified["counts"] == {"decided": 1, "notified": 1}


async def test_without_orphans_none_are_shown(client):
    answer = (await client.get("/v1/orphans")).json()

    assert (answer["orphans"], answer["counts"]) == ([], {"decided": 0, "notified": 0})


@pytest.mark.parametrize(
    "wrong",
    ["limit=0", "limit=10001", "limit=x", "limit=1_0", "limit=1.0", "limit=%2B1", "stage=mailed"],
)
async def test_invalid_parameters_are_refused(client, wrong):
    assert (await client.get(f"/v1/orphans?{wrong}")).status_code == 422


async def test_the_gauge_counts_orphans_by_stage_and_returns_to_zero(expectations, orphans):
    metrics = Metrics("reconciliation")
    sweep = Sweep(expectations, ReconciliationSettings(), metrics, utc_now)

    await sweep.once()
    found = generate_latest(metrics.registry).decode()
    closing = asyncio.Event()
    await store(expectations, eligibility_decided(application_id=orphans[0]["application_id"]))
    closing.set()
    await sweep.run(closing)
    await sweep.once()
    after = generate_latest(metrics.registry).decode()

    assert 'cppp_orphans{service="reconciliation",stage="decided"} 1.0' in found
    assert 'cppp_orphans{service="reconciliation",stage="notified"} 1.0' in found
    assert 'cppp_orphans{service="reconciliation",stage="decided"} 0.0' in after


@pytest.mark.parametrize("wrong", ["0", "-1", "soon"])
def test_invalid_settings_are_refused(monkeypatch, wrong):
    monkeypatch.setenv("RECONCILIATION_DECIDED_WITHIN_MINUTES", wrong)

    with pytest.raises(ValueError, match="decided_within_minutes"):
        ReconciliationSettings()
