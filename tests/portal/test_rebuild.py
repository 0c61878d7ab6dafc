"""The command that fills the read model from the topics, outside the consumer group."""

from uuid import uuid4

from services.portal.app import READS
from services.portal.rebuild import rebuilt
from services.portal.store import MongoFacts, MongoReadUntil
from shared.events.envelope import SubjectIdentity
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.examples import event_examples, publication_of
from tests.factories import NOW
from tests.kafka import KafkaClient


async def test_what_the_database_lacks_is_read_from_the_topics_and_nothing_else_changes(
    infra, database, monkeypatch
):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infra.kafka_bootstrap_servers)
    kafka, item_id = KafkaClient(infra.kafka_bootstrap_servers), f"item-{uuid4()}"
    example = event_examples("ItemWithdrawn")[0].model_copy(update={"item_id": item_id})
    topic = publication_of("ItemWithdrawn").topic
    record = SubjectIdentity("ItemWithdrawn", item_id, str(uuid4()), NOW).record(
        topic, example.model_dump_json().encode()
    )
    await provide_topics(KafkaSettings(), READS)
    kafka.write(record.topic, record.value, record.headers, record.key)

    first, again = await rebuilt(database), await rebuilt(database)

    facts = await MongoFacts(database).unknown(set())
    assert f"item:{item_id}:{example.revision}" in {each.id for each in facts}
    assert first == again
    assert not await MongoReadUntil(database).is_being_filled()
    assert first >= len(facts)


async def test_what_the_service_makes_a_dead_letter_stops_no_rebuild(infra, database, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infra.kafka_bootstrap_servers)
    kafka, item_id = KafkaClient(infra.kafka_bootstrap_servers), f"sha256-{uuid4()}"
    example = next(e for e in event_examples("ItemPublished") if e.kind == "image")
    broken = example.image.model_copy(update={"data_base64": "abc"})
    event = example.model_copy(update={"item_id": item_id, "image": broken})
    record = SubjectIdentity("ItemPublished", item_id, str(uuid4()), NOW).record(
        publication_of("ItemPublished").topic, event.model_dump_json().encode()
    )
    await provide_topics(KafkaSettings(), READS)
    kafka.write(record.topic, record.value, record.headers, record.key)

    assert await rebuilt(database) is not None
    assert not await MongoReadUntil(database).is_being_filled()


async def test_an_interrupted_rebuild_is_completed_by_the_next_one(infra, database, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infra.kafka_bootstrap_servers)
    await provide_topics(KafkaSettings(), READS)
    await MongoReadUntil(database).begin_filling()  # and killed

    assert await rebuilt(database) is not None
    assert not await MongoReadUntil(database).is_being_filled()


async def test_without_kafka_nothing_is_rebuilt_and_the_database_is_not_complete(
    database, monkeypatch
):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")

    assert await rebuilt(database) is None
    assert await MongoReadUntil(database).is_being_filled()
