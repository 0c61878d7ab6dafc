"""Creates topics at start, from the definitions of their owners."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.admin import open_admin
from shared.settings import KafkaSettings


async def provide_topics(settings: KafkaSettings, topics: Iterable[Topic]) -> Sequence[str]:
    """Create the topics that do not exist, and return their names; others stay as they are.

    Does nothing if `KAFKA_CREATE_TOPICS` is false: production may provision topics itself. Raises
    `TransientError` while Kafka is unreachable.
    """
    if not settings.create_topics:
        return ()
    definitions = [_definition(each, settings) for each in topics]
    async with open_admin(settings) as admin:
        try:
            created: Any = await admin.create_topics(definitions)
        except AttributeError as error:
            # aiokafka 0.14 sends to an unknown controller, as during an election.
            raise TransientError from error
    for _name, code, *_message in created.topic_errors:
        _check(code)
    return [name for name, code, *_message in created.topic_errors if not code]


def _check(code: int) -> None:
    error = for_code(code)
    if code and error is not TopicAlreadyExistsError:
        raise TransientError from error()


def _definition(topic: Topic, settings: KafkaSettings) -> NewTopic:
    return NewTopic(
        topic.name,
        settings.topic_partitions,
        settings.topic_replication_factor,
        topic_configs={
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "retention.ms": "-1",
            "min.insync.replicas": str(min(2, settings.topic_replication_factor)),
            "max.message.bytes": str(topic.largest_record_bytes),
            # A record's timestamp is its event's time: skewed clocks must not stop publishing.
            "message.timestamp.before.max.ms": str(2**63 - 1),
            "message.timestamp.after.max.ms": str(2**63 - 1),
        },
    )
