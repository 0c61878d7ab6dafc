"""Dry runs beside the service's work: nothing is looked up, kept or published."""

import httpx
import pytest
from pymongo import MongoClient

from shared.events.eligibility import DECISIONS
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


def decided(service, kafka, submitted):
    record = a_record(submitted)
    kafka.write(record.topic, record.value, record.headers, record.key)
    url = f"{service.url}/v1/decisions/{submitted.application_id}"
    [decision] = eventually(lambda: (found := httpx.get(url)).is_success and found.json())
    return decision


def kept(infra) -> dict[str, int]:
    with MongoClient(infra.mongodb_url) as client:
        database = client["eligibility"]
        names = database.list_collection_names()
        return {name: database[name].count_documents({}) for name in names}


def test_a_visitor_who_types_the_number_of_a_factory_learns_nothing_of_its_history(
    infra, kafka, service_process
):
    service = service_process("eligibility")
    first = a_submission("new-technology")
    number = first.application.factory.registration_number
    second = a_submission("new-technology", factory={"registration_number": number})
    decided(service, kafka, first)
    referred = decided(service, kafka, second)
    before, end = kept(infra), kafka.end(DECISIONS.name)

    tried = httpx.post(
        f"{service.url}/v1/assessments",
        json={"application": second.application.model_dump(mode="json"), "as_of": "2026-11-02"},
    ).json()

    assert "another-case-open" in [each["code"] for each in referred["reasons"]]
    assert tried["outcome"] == "eligible"
    assert "another-case-open" in tried["without_history"]
    assert (kept(infra), kafka.end(DECISIONS.name)) == (before, end)
