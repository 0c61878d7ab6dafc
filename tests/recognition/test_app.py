"""The decisions that the service shows over HTTP."""

from uuid import uuid4

import httpx
import pytest

from services.recognition.app import create_app
from services.recognition.handlers import propose
from services.recognition.scheme import load_scheme
from tests.factories import NOW, a_submission, an_event
from tests.in_memory import InMemoryDecisions


@pytest.fixture
def decisions():
    return InMemoryDecisions()


@pytest.fixture
async def client(decisions):
    app = create_app()
    app.state.decisions = decisions
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://recognition") as client:
        yield client


async def test_a_decision_is_shown_with_its_reasons_in_every_language(client, decisions):
    proposal = propose(an_event(a_submission("recognition")), load_scheme(), NOW)
    assert proposal
    await decisions.keep([proposal])

    answer = await client.get(f"/v1/decisions/{proposal.decided.application_id}")

    [shown] = answer.json()
    assert answer.status_code == 200
    assert (shown["outcome"], shown["round_year"]) == ("not-qualified", None)
    assert shown["decided_at"] == "2026-11-02T01:30:00Z"
    [reason] = shown["reasons"]
    assert reason["code"] == "no-open-round"
    assert set(reason) == {"code", "source", "en", "zh_hant", "zh_hans"}


async def test_an_application_without_decision_is_not_found(client):
    answer = await client.get(f"/v1/decisions/{uuid4()}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:cppp:problem:no-decision"


async def test_an_id_that_is_none_is_refused_by_name(client):
    answer = await client.get("/v1/decisions/1;drop")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/path/application_id"
