"""Dead letters: records that can never be handled, and the envelope in which they are published.

A dead letter has the key, value, headers and timestamp of its record, and our own headers
`x-dead-letter-*` after them. A redrive publishes it unchanged on the group's redrive topic. There
it is handled as if it came from its original topic; if it fails again, its `attempts` grow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiokafka.structs import ConsumerRecord

from shared.clock import from_milliseconds
from shared.correlation import TRACEPARENT, correlation_id_of
from shared.errors import MalformedRecordError
from shared.events.envelope import Outgoing, dead_letter_topic, redrive_topic
from shared.kafka.record import KafkaRecord

REASONS: Final = ("malformed", "invalid", "unprocessable")
_PREFIX: Final = "x-dead-letter-"
_FIRST: Final = f"{_PREFIX}reason"  # the first of our headers


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be handled. `reason` is one of `REASONS`, `error` has no data."""

    record: KafkaRecord
    reason: str
    error: str

    def log_fields(self) -> dict[str, object]:
        """Return the record's position and what is wrong with it, without any of its data."""
        record = self.record
        return {
            "reason": self.reason,
            "error": self.error,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "correlation_id": correlation_id_of(dict(record.headers).get(TRACEPARENT)),
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """The original position of a record, and how often it became a dead letter."""

    topic: str
    partition: int
    offset: int
    attempts: int = 0


class DeadLetterEnvelope:
    """Wraps the dead letters of one consumer group, and unwraps those that are redriven."""

    def __init__(self, group: str, service_version: str) -> None:
        self.group = group
        self._topic = dead_letter_topic(group).name
        self._redrives = redrive_topic(group).name
        self._service_version = service_version

    def unwrap(self, record: KafkaRecord) -> KafkaRecord:
        """Restore the original record of a redriven one; any other record is returned as it is.

        The result has the original topic, partition and offset, and none of our headers. Raises
        `MalformedRecordError` if the envelope is damaged.
        """
        if record.topic != self._redrives:
            return record
        headers, ours = _split(record.headers)
        origin = _origin(ours)
        return ConsumerRecord(
            topic=origin.topic,
            partition=origin.partition,
            offset=origin.offset,
            timestamp=record.timestamp,
            timestamp_type=record.timestamp_type,
            key=record.key,
            value=None if "null-value" in ours else record.value,
            checksum=None,
            serialized_key_size=record.serialized_key_size,
            serialized_value_size=record.serialized_value_size,
            headers=headers,
        )

    def wrap(self, letter: DeadLetter, now: datetime) -> Outgoing:
        """Build the record of a dead letter: the original bytes, plus our headers."""
        record = letter.record
        headers, origin = self._opened(record)
        ours = {
            "reason": letter.reason,
            "error": letter.error,
            "topic": origin.topic,
            "partition": str(origin.partition),
            "offset": str(origin.offset),
            "service-version": self._service_version,
            "time": now.isoformat(timespec="milliseconds"),
            "attempts": str(origin.attempts + 1),
        }
        value = record.value
        if record.key is None and value is None:  # the client refuses to send an empty record
            value, ours["null-value"] = b"", "true"
        stamps = [(f"{_PREFIX}{name}", text.encode()) for name, text in ours.items()]
        time = from_milliseconds(record.timestamp)
        return Outgoing(self._topic, record.key, value, [*headers, *stamps], time)

    def _opened(self, record: KafkaRecord) -> tuple[Sequence[tuple[str, bytes]], Origin]:
        here = Origin(record.topic, record.partition, record.offset)
        if record.topic != self._redrives:
            return record.headers, here
        headers, ours = _split(record.headers)
        try:
            return headers, _origin(ours)
        except MalformedRecordError:
            return record.headers, here


def _split(
    headers: Sequence[tuple[str, bytes]],
) -> tuple[Sequence[tuple[str, bytes]], Mapping[str, bytes]]:
    """Split the original headers from ours, which follow them."""
    names = [name for name, _ in headers]
    if _FIRST not in names:
        return headers, {}
    first = len(names) - 1 - names[::-1].index(_FIRST)
    return headers[:first], {name.removeprefix(_PREFIX): value for name, value in headers[first:]}


def _origin(ours: Mapping[str, bytes]) -> Origin:
    try:
        return Origin(
            ours["topic"].decode(),
            *(int(ours[name]) for name in ("partition", "offset", "attempts")),
        )
    except (KeyError, ValueError, AttributeError):
        msg = f"not a redriven dead letter: headers {_PREFIX}* are missing or damaged"
        raise MalformedRecordError(msg) from None
