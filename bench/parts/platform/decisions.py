"""When each decision was on its topic, by the broker's clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported at run time
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from bench.harness.stack import KAFKA_TIMEOUT_SECONDS, BenchmarkStack

_READ_BATCH = 10_000


@dataclass(slots=True)
class Decided:
    """When the first decision on an application was appended, and the ids of all its events."""

    at: float
    event_ids: set[str] = field(default_factory=set)


def use_broker_timestamps(stack: BenchmarkStack, topics: Sequence[str]) -> None:
    """Have the broker set the timestamps of new records on these topics."""
    entry = ConfigEntry(
        "message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET
    )
    resources = [
        ConfigResource(ConfigResource.Type.TOPIC, each, incremental_configs=[entry])
        for each in topics
    ]
    for answer in stack.admin.incremental_alter_configs(resources).values():
        answer.result()


def decisions_on(stack: BenchmarkStack, topics: Sequence[str]) -> dict[str, Decided]:
    """Read all decisions on these topics, by application id."""
    found: dict[str, Decided] = {}
    for topic in topics:
        for each in _messages(stack, topic):
            key, event_id = _text(each.key()), _text(dict(each.headers() or ()).get("ce_id"))
            decided = found.setdefault(key, Decided(each.timestamp()[1] / 1000))
            decided.event_ids.add(event_id or f"{topic}:{each.partition()}:{each.offset()}")
    return found


def _messages(stack: BenchmarkStack, topic: str) -> Iterator[Message]:
    consumer = stack.consumer("bench-reader")
    try:
        unread = _assign_all(consumer, topic)
        while unread and (
            read := consumer.consume(min(unread, _READ_BATCH), KAFKA_TIMEOUT_SECONDS)
        ):
            unread -= len(read)
            yield from read
    finally:
        consumer.close()


def _assign_all(consumer: Consumer, topic: str) -> int:
    """Assign all partitions from the beginning; return how many records they have."""
    partitions = consumer.list_topics(topic, timeout=KAFKA_TIMEOUT_SECONDS).topics[topic].partitions
    parts = [TopicPartition(topic, each, 0) for each in partitions]
    ends = [consumer.get_watermark_offsets(each, KAFKA_TIMEOUT_SECONDS) for each in parts]
    consumer.assign(parts)
    return sum(high - low for low, high in ends)


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
