"""Every event that an earlier release published is read by the services of today."""

import pytest

from services.eligibility import handlers as eligibility
from services.notify import handlers as notify
from services.recognition import handlers as recognition
from services.reconciliation import handlers as reconciliation
from shared.consumer.parsing import parse_all
from shared.events.intake import CONTACTS
from tests.contracts.releases import RELEASES, recorded_events, schemas
from tests.factories import raw_record
from tests.kafka import KafkaClient
from tests.waiting import eventually

READERS = {
    "eligibility": eligibility.PARSERS,
    "notify": notify.PARSERS,
    "recognition": recognition.PARSERS,
    "reconciliation": reconciliation.PARSERS,
}


@pytest.mark.parametrize("release", RELEASES)
def test_every_event_type_of_a_release_is_recorded(release):
    recorded = recorded_events(release)

    assert {each.type for each in recorded if each.value is not None} == set(schemas(release))
    assert [each.topic for each in recorded if each.value is None] == [CONTACTS.name]


@pytest.mark.parametrize("service", READERS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_service_reads_every_recorded_event(release, service):
    wanted = [each for each in recorded_events(release) if each.type in READERS[service]]

    records = [raw_record(e.value, e.headers, topic=e.topic, key=e.key) for e in wanted]
    batch = parse_all(records, READERS[service])

    assert wanted
    assert [f"{each.record.value!r}: {each.error}" for each in batch.dead_letters] == []
    assert [event.type for event in batch.events] == [each.type for each in wanted]


@pytest.mark.parametrize("release", RELEASES)
def test_every_service_handles_every_recorded_event(release, infra, service_process):
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    recorded = recorded_events(release)
    for service in READERS:
        service_process(service)

    for each in recorded:
        kafka.write(each.topic, each.value, each.headers, each.key, each.timestamp_ms)

    keys = {each.key for each in recorded}
    for service, parsers in READERS.items():
        for topic in {each.topic for each in recorded if each.type in parsers}:
            eventually(lambda s=service, t=topic: kafka.committed(s, t) == kafka.end(t))
        dead_letters = kafka.read(f"{service}.dead-letters.v1")
        assert [each.headers() for each in dead_letters if each.key() in keys] == []
