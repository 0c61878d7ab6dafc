"""Indexes that change while instances run."""

import httpx
import pytest
from pymongo import MongoClient

from shared.events.intake import APPLICATIONS
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually


@pytest.fixture
def decisions(infra):
    with MongoClient(infra.mongodb_url) as client:
        yield client["eligibility"]["decisions"]


def decided(kafka, service):
    record = a_record(a_submission("new-technology"))
    kafka.write(APPLICATIONS.name, record.value, record.headers, record.key)
    url = f"{service.url}/v1/decisions/{record.key.decode()}"
    return eventually(lambda: httpx.get(url).is_success)


def test_an_index_may_be_dropped_and_is_made_again_at_the_next_start(
    infra, service_process, decisions
):
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    older = service_process("eligibility")
    made = set(decisions.index_information())

    decisions.drop_indexes()
    assert decided(kafka, older)
    assert decisions.index_information().keys() == {"_id_"}

    newer = service_process("eligibility")
    assert set(decisions.index_information()) == made
    assert decided(kafka, older)
    older.terminate()
    assert decided(kafka, newer)
