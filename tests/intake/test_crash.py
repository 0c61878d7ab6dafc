"""What a killed service had accepted is published by the next one, to the last byte."""

import httpx
import pytest
from pymongo import MongoClient

from shared.outbox.store import outbox_events
from tests.intake.cuttable_line import a_line_to
from tests.intake.submissions import body, headers
from tests.kafka import KafkaClient, repeated_headers
from tests.waiting import eventually

NO_KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


def accept(url: str, count: int) -> list[str]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        answers = [
            client.post("/v1/applications", content=body(), headers=headers()) for _ in range(count)
        ]
    return [answer.json()["application_id"] for answer in answers]


def test_what_a_kill_left_behind_is_published_with_identical_bytes(infra, service_process):
    killed = service_process("intake", NO_KAFKA, restart=False)
    ids = accept(killed.url, 20)
    killed.kill()
    with MongoClient(infra.mongodb_url, tz_aware=True) as client:
        applications = client["intake"]["applications"]
        kept = {each["_id"]: each for each in applications.find({"_id": {"$in": ids}})}

        service_process("intake")
        published = {"_id": {"$in": ids}, "outbox": {"$exists": False}}
        eventually(lambda: applications.count_documents(published) == len(ids))

    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    for topic in ("intake.contacts.v1", "intake.applications.v1"):
        on_topic = [
            each
            for each in kafka.read(topic)
            if (each.key() or b"").decode(errors="replace") in kept
        ]
        expected = {
            (event.key, event.value, tuple(event.headers))
            for document in kept.values()
            for event in outbox_events(document["outbox"])
            if event.topic == topic
        }
        assert {
            (each.key(), each.value(), tuple(repeated_headers(each))) for each in on_topic
        } == expected
        assert len(on_topic) == len(ids)


@pytest.mark.timeout(120)
def test_two_successors_that_wait_for_kafka_publish_what_was_left_behind_once(
    infra, service_process
):
    killed = service_process("intake", NO_KAFKA, restart=False)
    ids = set(accept(killed.url, 20))
    killed.kill()
    with a_line_to(infra.kafka_bootstrap_servers, is_up=False) as line:
        there = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{line.port}"}
        successors = [service_process("intake", there) for _ in range(2)]
        with MongoClient(infra.mongodb_url) as client:
            applications = client["intake"]["applications"]
            waiting = {"_id": {"$in": list(ids)}, "outbox": {"$exists": True}}
            line.connect()
            eventually(lambda: applications.count_documents(waiting) == 0)
        for each in successors:
            assert httpx.get(f"{each.url}/livez", trust_env=False).is_success

    on_topic = [
        each.key().decode()
        for each in KafkaClient(infra.kafka_bootstrap_servers).read("intake.applications.v1")
        if (each.key() or b"").decode(errors="replace") in ids
    ]
    assert sorted(on_topic) == sorted(ids)
