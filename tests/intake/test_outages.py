"""Kafka down: applications are accepted all the same. MongoDB down: none is, and none by half."""

import asyncio
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from shared.outbox.store import outbox_events
from tests.intake.cuttable_line import a_line_to
from tests.intake.running import running_intake
from tests.intake.submissions import body, headers
from tests.kafka import repeated_headers
from tests.waiting import eventually_async

URL = "/v1/applications"


@pytest.fixture
def kafka_line(infra):
    with a_line_to(infra.kafka_bootstrap_servers, is_up=False) as line:
        yield line


@pytest.fixture
def mongodb_line(infra):
    with a_line_to(urlsplit(infra.mongodb_url).netloc) as line:
        yield line


@pytest.fixture
async def without_kafka(infra, kafka_line):
    kafka = f"127.0.0.1:{kafka_line.port}"
    with running_intake(infra, KAFKA_BOOTSTRAP_SERVERS=kafka) as intake:
        async with intake.async_client() as client:
            yield intake, client


@pytest.fixture
async def through_the_line(infra, mongodb_line):
    settings = {
        "MONGODB_URL": f"mongodb://127.0.0.1:{mongodb_line.port}/?directConnection=true",
        "INTAKE_ACCEPT_SECONDS": "1",
    }
    with running_intake(infra, **settings) as intake:
        async with intake.async_client() as client:
            yield intake, client


async def test_without_kafka_applications_are_accepted_and_published_when_it_is_back(
    without_kafka, kafka_line, kafka
):
    intake, client = without_kafka
    receipt = (await client.post(URL, content=body(), headers=headers())).json()
    location = f"{URL}/{receipt['application_id']}"
    kept = intake.applications.find_one({"_id": receipt["application_id"]})

    assert (await client.get(location)).json()["status"] == "accepted"

    kafka_line.connect()
    await eventually_async(
        lambda: client.get(location), holds=lambda answer: answer.json()["status"] == "published"
    )
    key = receipt["application_id"].encode()
    for event in outbox_events(kept["outbox"]):
        [record] = [each for each in kafka.read(event.topic) if each.key() == key]
        assert record.value() == event.value
        assert repeated_headers(record) == list(event.headers)


async def test_without_kafka_the_service_is_ready_and_says_what_it_misses(without_kafka):
    _, client = without_kafka

    answer = await client.get("/readyz")

    assert answer.status_code == HTTPStatus.OK
    assert answer.json() == {"status": "degraded", "waiting_for": ["kafka"]}


async def test_the_gauges_show_what_waits_for_kafka(without_kafka):
    _, client = without_kafka
    await client.post(URL, content=body(), headers=headers())

    await eventually_async(
        lambda: client.get("/metrics"),
        holds=lambda answer: 'cppp_outbox_pending{service="intake"} 1.0' in answer.text,
    )


async def test_without_mongodb_nothing_is_accepted_and_the_same_request_works_later(
    through_the_line, mongodb_line
):
    intake, client = through_the_line
    await client.post(URL, content=body(), headers=headers())
    key, content = str(uuid4()), body()

    mongodb_line.cut()
    refused = await client.post(URL, content=content, headers=headers(key))

    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["type"] == "urn:cppp:problem:temporarily-unavailable"
    assert "same Idempotency-Key" in refused.json()["detail"]

    mongodb_line.connect()
    accepted = await eventually_async(
        lambda: client.post(URL, content=content, headers=headers(key)),
        holds=lambda answer: answer.status_code == HTTPStatus.ACCEPTED,
    )
    assert intake.applications.count_documents({}) == 2
    await eventually_async(
        lambda: client.get(accepted.headers["location"]),
        holds=lambda answer: answer.json()["status"] == "published",
    )


async def test_without_mongodb_the_service_is_not_ready_and_no_key_is_refused(
    through_the_line, mongodb_line
):
    _, client = through_the_line
    key = {"Authorization": f"Bearer cppp_{'0' * 12}_{'0' * 64}"}
    mongodb_line.cut()

    answers = await asyncio.gather(
        client.get("/readyz"),
        client.get(f"{URL}/{uuid4()}"),
        client.post(URL, content=body(), headers={**headers(), **key}),
    )

    assert {each.status_code for each in answers} == {HTTPStatus.SERVICE_UNAVAILABLE}
    assert "mongodb" in answers[0].json()["waiting_for"]


async def test_without_mongodb_nothing_is_changed_and_the_same_change_works_later(
    through_the_line, mongodb_line
):
    _, client = through_the_line
    location = (await client.post(URL, content=body(), headers=headers())).headers["location"]
    key, content = str(uuid4()), body()

    mongodb_line.cut()
    refused = [
        await client.put(location, content=content, headers=headers(key)),
        await client.post(f"{location}/withdrawal", headers=headers()),
    ]

    for each in refused:
        assert each.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(each.headers["retry-after"]) > 0
    mongodb_line.connect()
    amended = await eventually_async(
        lambda: client.put(location, content=content, headers=headers(key)),
        holds=lambda answer: answer.status_code == HTTPStatus.ACCEPTED,
    )
    assert amended.json()["version"] == 2
