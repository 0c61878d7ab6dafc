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


async def test_without_kafka_nothing_is_rebuilt_and_the_database_is_not_complete(
    database, monkeypatch
):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")

    assert await rebuilt(database) is None
    assert await MongoReadUntil(database).is_being_filled()
