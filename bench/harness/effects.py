"""Reads the effects of a contender: documents, events, committed offsets and dead letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported at run time

from bench.harness.resources import RunResources
from bench.harness.stack import KAFKA_TIMEOUT_SECONDS, BenchmarkStack, retry_kafka_errors

_READ_BATCH: Final = 10_000
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionEvent:
    """A decision event on the topic; `appended_ms` is the timestamp that the broker gave it."""

    application_id: str
    event_id: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]
    appended_ms: int


class Effects:
    """The effects of one run, without records that were on the topics before."""

    def __init__(self, stack: BenchmarkStack, resources: RunResources) -> None:
        self._stack = stack
        self._resources = resources
        self._partition_counts: dict[str, int] = {}
        self._offset_reader = stack.consumer(resources.group)
        self._start_offsets = {
            each: self._end_offsets(each) for each in (resources.output, resources.dead_letters)
        }

    def published(self) -> int:
        """Return the number of decision events so far."""
        return self._new_records(self._resources.output)

    def dead_letters(self) -> int:
        """Return the number of dead letters so far."""
        return self._new_records(self._resources.dead_letters)

    def stored(self) -> int:
        """Return the number of stored decisions so far."""
        decisions = self._stack.mongo[self._resources.database]["decisions"]
        return decisions.estimated_document_count()

    @retry_kafka_errors
    def committed(self) -> int:
        """Return the sum of the offsets that the group has committed on the input topic."""
        parts = [TopicPartition(self._resources.topic, each) for each in self._partitions()]
        # By a consumer, because the admin client crashes here while the coordinator starts.
        found = self._offset_reader.committed(parts, timeout=KAFKA_TIMEOUT_SECONDS)
        return sum(max(0, each.offset) for each in found)

    def decision_events(self) -> list[DecisionEvent]:
        """Read all decision events of this run, in order of arrival."""
        found = [_decision_event(each) for each in self._messages(self._resources.output)]
        return sorted(found, key=lambda each: each.appended_ms)

    def documents(self) -> list[Document]:
        """Read all stored decisions of this run, with the fields that are compared."""
        wanted = {"application_id": 1, "version": 1, "outcome": 1, "grant_cents": 1}
        decisions = self._stack.mongo[self._resources.database]["decisions"]
        return list(decisions.find({}, wanted))

    def _messages(self, topic: str) -> Iterator[Message]:
        starts, ends = self._start_offsets[topic], self._end_offsets(topic)
        unread = sum(ends.values()) - sum(starts.values())
        consumer = self._stack.consumer("bench-reader")
        consumer.assign([TopicPartition(topic, each, start) for each, start in starts.items()])
        try:
            while unread and (
                read := consumer.consume(min(unread, _READ_BATCH), KAFKA_TIMEOUT_SECONDS)
            ):
                unread -= len(read)
                yield from read
        finally:
            consumer.close()

    def _partitions(self, topic: str = "") -> range:
        name = topic or self._resources.topic
        if name not in self._partition_counts:
            self._partition_counts[name] = self._count_partitions(name)
        return range(self._partition_counts[name])

    @retry_kafka_errors
    def _count_partitions(self, topic: str) -> int:
        described = self._stack.admin.list_topics(topic, timeout=KAFKA_TIMEOUT_SECONDS).topics[
            topic
        ]
        if described.error is not None or not described.partitions:  # the topic is new
            raise KafkaException(described.error or KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        return len(described.partitions)

    def _new_records(self, topic: str) -> int:
        return sum(self._end_offsets(topic).values()) - sum(self._start_offsets[topic].values())

    @retry_kafka_errors
    def _end_offsets(self, topic: str) -> dict[int, int]:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # has no annotations
        wanted = {TopicPartition(topic, each): latest for each in self._partitions(topic)}
        found = self._stack.admin.list_offsets(wanted)
        return {part.partition: answer.result().offset for part, answer in found.items()}


def _decision_event(message: Message) -> DecisionEvent:
    value, headers = message.value(), dict(message.headers() or ())
    event_id = headers.get("ce_id") or b""
    data = orjson.loads(value or b"{}")
    return DecisionEvent(
        application_id=data["application_id"],
        event_id=event_id if isinstance(event_id, str) else event_id.decode(),
        outcome=data["outcome"],
        grant_cents=data["grant_cents"],
        reasons=tuple(each["code"] for each in data["reasons"]),
        appended_ms=message.timestamp()[1],
    )
