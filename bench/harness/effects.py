"""What a contender has left behind, read from outside: documents, events, commits, dead letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # it is

from bench.harness.stack import PATIENTLY, WAIT_SECONDS, Station

_AT_ONCE: Final = 10_000
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """Where one run reads and writes; all but the input are its own."""

    topic: str
    group: str
    database: str
    output: str

    @property
    def dead_letters(self) -> str:
        """Where records go that can never be handled."""
        return f"{self.group}.dead-letters.v1"

    @property
    def environment(self) -> dict[str, str]:
        """How a contender is told."""
        return {
            "BENCH_TOPIC": self.topic,
            "BENCH_GROUP": self.group,
            "BENCH_DATABASE": self.database,
            "BENCH_OUTPUT": self.output,
            "BENCH_DEAD_LETTERS": self.dead_letters,
        }


OURS: Final = Places(
    "intake.applications.v1", "eligibility", "eligibility", "eligibility.decisions.v1"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision event as it stands on the topic; `appended_ms` is the broker's own time."""

    application_id: str
    event_id: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]
    appended_ms: int


class Effects:
    """Looks at the effects of one run; what lay on the topics before it does not count."""

    def __init__(self, station: Station, places: Places) -> None:
        self._station = station
        self._places = places
        self._counts: dict[str, int] = {}
        self._observer = station.consumer(places.group)
        self._before = {each: self._ends(each) for each in (places.output, places.dead_letters)}

    def published(self) -> int:
        """Count the decision events so far."""
        return self._new_on(self._places.output)

    def dead_letters(self) -> int:
        """Count the dead letters so far."""
        return self._new_on(self._places.dead_letters)

    def kept(self) -> int:
        """Count the documents so far."""
        decisions = self._station.mongo[self._places.database]["decisions"]
        return decisions.estimated_document_count()

    @PATIENTLY
    def committed(self) -> int:
        """Sum up the offsets that the group has committed on the input."""
        parts = [TopicPartition(self._places.topic, each) for each in self._partitions()]
        # A consumer that reads nothing and joins nothing: the admin client crashes here while the
        # group's coordinator is starting.
        found = self._observer.committed(parts, timeout=WAIT_SECONDS)
        return sum(max(0, each.offset) for each in found)

    def decided(self) -> list[Decided]:
        """Read all decision events of this run, in the order in which they arrived."""
        found = [_decided(each) for each in self._messages(self._places.output)]
        return sorted(found, key=lambda each: each.appended_ms)

    def documents(self) -> list[Document]:
        """Read all documents of this run, in what tells them apart."""
        wanted = {"application_id": 1, "version": 1, "outcome": 1, "grant_cents": 1}
        decisions = self._station.mongo[self._places.database]["decisions"]
        return list(decisions.find({}, wanted))

    def _messages(self, topic: str) -> Iterator[Message]:
        before, ends = self._before[topic], self._ends(topic)
        unread = sum(ends.values()) - sum(before.values())
        consumer = self._station.consumer("bench-reader")
        consumer.assign([TopicPartition(topic, each, start) for each, start in before.items()])
        try:
            while unread and (read := consumer.consume(min(unread, _AT_ONCE), WAIT_SECONDS)):
                unread -= len(read)
                yield from read
        finally:
            consumer.close()

    def _partitions(self, topic: str = "") -> range:
        name = topic or self._places.topic
        if name not in self._counts:
            self._counts[name] = self._count_partitions(name)
        return range(self._counts[name])

    @PATIENTLY
    def _count_partitions(self, topic: str) -> int:
        described = self._station.admin.list_topics(topic, timeout=WAIT_SECONDS).topics[topic]
        if described.error is not None or not described.partitions:  # not known everywhere yet
            raise KafkaException(described.error or KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        return len(described.partitions)

    def _new_on(self, topic: str) -> int:
        return sum(self._ends(topic).values()) - sum(self._before[topic].values())

    @PATIENTLY
    def _ends(self, topic: str) -> dict[int, int]:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # as it is shipped
        wanted = {TopicPartition(topic, each): latest for each in self._partitions(topic)}
        found = self._station.admin.list_offsets(wanted)
        return {part.partition: answer.result().offset for part, answer in found.items()}


def _decided(message: Message) -> Decided:
    value, headers = message.value(), dict(message.headers() or ())
    event_id = headers.get("ce_id") or b""
    data = orjson.loads(value or b"{}")
    return Decided(
        application_id=data["application_id"],
        event_id=event_id if isinstance(event_id, str) else event_id.decode(),
        outcome=data["outcome"],
        grant_cents=data["grant_cents"],
        reasons=tuple(each["code"] for each in data["reasons"]),
        appended_ms=message.timestamp()[1],
    )
