"""The ids of topics, which tell a topic from another of the same name."""

from uuid import uuid4

import pytest

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.topic_ids import TopicIdentity, TopicIds
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.kafka import KafkaClient
from tests.waiting import eventually_async


@pytest.fixture
def settings(infra):
    return KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers)


@pytest.fixture
async def ids(settings):
    ids = TopicIds(settings)
    yield ids
    await ids.close()


async def test_ids_are_those_that_another_client_sees(ids, infra, settings):
    topics = [Topic(f"test-{uuid4().hex[:12]}") for _ in range(2)]
    await provide_topics(settings, topics)
    client = KafkaClient(infra.kafka_bootstrap_servers)

    names = [*(each.name for each in topics), "no-such-topic"]
    found = await eventually_async(lambda: _both(ids, names))

    assert {name: each.topic_id for name, each in found.items()} == {
        each.name: client.topic_id(each.name) for each in topics
    }
    assert {each.cluster_id for each in found.values()} == {client.cluster_id()}


async def test_a_topic_made_anew_has_another_id(ids, infra, settings):
    topic = Topic(f"test-{uuid4().hex[:12]}")
    await provide_topics(settings, [topic])
    before = await eventually_async(lambda: ids.of([topic.name]))

    KafkaClient(infra.kafka_bootstrap_servers).delete_topic(topic.name)
    await eventually_async(lambda: _is_gone(ids, topic.name))
    await provide_topics(settings, [topic])
    after = await eventually_async(lambda: ids.of([topic.name]))

    assert before[topic.name].cluster_id == after[topic.name].cluster_id
    assert before[topic.name].topic_id != after[topic.name].topic_id


async def _both(ids, names):
    found = await ids.of(names)
    return found if len(found) == 2 else None


async def _is_gone(ids, name):
    return not await ids.of([name])


async def test_an_unreachable_kafka_is_a_transient_error():
    ids = TopicIds(KafkaSettings(bootstrap_servers="127.0.0.1:9"))

    with pytest.raises(TransientError):
        await ids.of(["any"])


def test_an_identity_is_read_back_from_a_commit_and_anything_else_is_none():
    identity = TopicIdentity("dGVzdA", "AAAAAAAAAAAAAAAAAAAAAQ")

    for written in (identity.text, f"{identity.text}\0", f"{identity.text} "):
        assert TopicIdentity.parse(written) == identity
    for text in ("", "something else", "cluster= topic=", f"{identity.text} and more"):
        assert TopicIdentity.parse(text) is None
