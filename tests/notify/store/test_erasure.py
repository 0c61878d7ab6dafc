"""A person who was erased stays so, in every document, also when all topics are read again."""

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from shared.events.eligibility import DECISIONS
from shared.events.intake import APPLICATIONS, CONTACTS
from tests.kafka import KafkaClient
from tests.notify.cases import a_funding_case, shown, states, write
from tests.waiting import DEADLINE_SECONDS, eventually

pytestmark = pytest.mark.timeout(180)
REREAD = (APPLICATIONS.name, CONTACTS.name)
NAME, ADDRESS = "Erased Person", "erased.person@example.com"


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def traces(infra):
    """Return which documents of the service hold something of the person."""
    with MongoClient(infra.mongodb_url) as client:
        database = client["notify"]
        yield lambda: [
            (name, each["_id"])
            for name in database.list_collection_names()
            for each in database[name].find()
            if any(part in str(each) for part in (NAME, ADDRESS, "erased.person"))
        ]


def rewind(infra):
    """Make the group begin anew with these topics, as after a restored database."""
    admin = AdminClient({"bootstrap.servers": infra.kafka_bootstrap_servers})
    beginnings = [
        TopicPartition(topic, partition, 0)
        for topic in REREAD
        for partition in admin.list_topics(topic, timeout=DEADLINE_SECONDS).topics[topic].partitions
    ]
    altered = admin.alter_consumer_group_offsets(
        [ConsumerGroupTopicPartitions("notify", beginnings)]
    )
    altered["notify"].result(timeout=DEADLINE_SECONDS)


def a_case_of_the_person():
    """Build the events about one application, whose contact is the person."""
    submitted, decided, contact = a_funding_case()
    person = contact.contact.model_copy(update={"name": NAME, "email": ADDRESS})
    return submitted, decided, contact.model_copy(update={"contact": person})


def read_all_again(infra, kafka, service):
    """Stop, rewind and start the service; return when it has read everything, and mailed more."""
    service.terminate()
    read_before = {topic: kafka.committed("notify", topic) for topic in REREAD}
    rewind(infra)
    service.start()
    marker, _, contact = a_funding_case()
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, marker)
    eventually(lambda: states(service, marker.application_id) == ["sent"], within_seconds=60)
    eventually(
        lambda: all(kafka.committed("notify", topic) > read_before[topic] for topic in REREAD),
        within_seconds=60,
    )


def test_after_an_erasure_nothing_comes_back_when_every_topic_is_read_again(
    infra, service_process, kafka, traces
):
    service = service_process("notify")
    submitted, decided, contact = a_case_of_the_person()
    application_id = submitted.application_id
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)
    eventually(lambda: states(service, application_id) == ["sent"])
    assert traces() == [("contacts", application_id)]

    kafka.write(CONTACTS.name, None, key=application_id.encode())
    eventually(lambda: traces() == [])
    read_all_again(infra, kafka, service)

    assert traces() == []
    assert states(service, application_id) == ["sent"]
    write(kafka, DECISIONS, decided)
    eventually(lambda: "erased" in states(service, application_id))
    assert len(shown(service, application_id)) == 2
