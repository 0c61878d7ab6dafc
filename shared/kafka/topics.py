"""Topics are created at start from their owner's definition, never by accident."""

from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.settings import KafkaSettings


async def provide_topics(settings: KafkaSettings, topics: Iterable[Topic]) -> None:
    """Create those of the topics that are missing; existing ones stay as they are.

    Raises `TransientError` while Kafka cannot be reached. Does nothing where the setting
    `KAFKA_CREATE_TOPICS` is false: production may provision topics itself.
    """
    if not settings.create_topics:
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    try:
        await admin.start()
        created: Any = await admin.create_topics([_definition(each, settings) for each in topics])
    except (KafkaError, OSError) as error:
        raise TransientError from error
    except AttributeError as error:
        # aiokafka 0.14 asks a controller that it does not know, as while one is being elected.
        raise TransientError from error
    finally:
        await admin.close()
    for _name, code, *_message in created.topic_errors:
        _check(code)


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
            # A record's timestamp is its event's time: clocks that differ must not stop publishing.
            "message.timestamp.before.max.ms": str(2**63 - 1),
            "message.timestamp.after.max.ms": str(2**63 - 1),
        },
    )
