"""Parses records: into events and what tombstones ask for, or into dead letters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.consumer.dead_letters import DeadLetter
from shared.correlation import TRACEPARENT
from shared.errors import MalformedRecordError
from shared.events.envelope import CE_TIME, CE_TYPE, Event, time_ms
from shared.kafka.record import KafkaRecord
from shared.tracing.context import TraceContext

ProposalT = TypeVar("ProposalT")

Parsers = Mapping[str, Callable[[bytes], Any]]
"""A function for each event type, from the bytes of a value to its data."""
OnTombstone = Mapping[str, Callable[[bytes, int], Any]]
"""A function for each compacted topic, from a tombstone's key and time to a proposal."""
ParsedRecord: TypeAlias = tuple[KafkaRecord, Event[Any] | ProposalT]
"""A record with its event, or with the proposal of a tombstone."""


def parsers_of(*events: type[BaseModel]) -> Parsers:
    """Return the parsers of these events, each by the name of its class."""
    return {each.__name__: TypeAdapter(each).validate_json for each in events}


@dataclass(slots=True)
class ParsedBatch(Generic[ProposalT]):
    """A parsed batch: what could be parsed, in record order, and the records that could not.

    `span` is that of the batch, if one of its records belongs to a trace that is recorded.
    """

    records: Sequence[KafkaRecord]
    parsed: list[ParsedRecord[ProposalT]] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    skipped: int = 0
    span: TraceContext | None = None

    @property
    def events(self) -> list[Event[Any]]:
        """The events that were parsed."""
        return [parsed for _, parsed in self.parsed if isinstance(parsed, Event)]

    @property
    def dead_lettered(self) -> list[bool]:
        """Whether each record, in order, became a dead letter."""
        if not self.dead_letters:
            return [False] * len(self.records)
        dead = {id(letter.record) for letter in self.dead_letters}
        return [id(record) in dead for record in self.records]


def parse_all(
    records: Iterable[KafkaRecord],
    parsers: Parsers,
    on_tombstone: OnTombstone | None = None,
    unwrap: Callable[[KafkaRecord], KafkaRecord] = lambda record: record,
) -> ParsedBatch[Any]:
    """Parse every record. Never raises for bad data.

    `unwrap` takes a redriven record out of its dead-letter envelope.
    """
    batch = ParsedBatch[Any]([*records])
    for record in batch.records:
        try:
            parsed = _parse(unwrap(record), parsers, on_tombstone or {})
        except Exception as error:  # noqa: BLE001  # pure, so it would fail again
            batch.dead_letters.append(DeadLetter(record, *_reason(error)))
        else:
            if parsed is _UNKNOWN_TYPE:
                batch.skipped += 1
            else:
                batch.parsed.append((record, parsed))
    return batch


_UNKNOWN_TYPE: Final = object()


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, MalformedRecordError):
        return "malformed", str(error)
    if isinstance(error, ValidationError):
        return "invalid", short_reason(error)
    return "unprocessable", type(error).__name__


def _parse(record: KafkaRecord, parsers: Parsers, on_tombstone: OnTombstone) -> Any:
    headers = dict(record.headers)  # most are never read: they may hold any bytes, or none
    if record.value is None and record.topic in on_tombstone:
        return on_tombstone[record.topic](record.key or b"", _time_ms(headers, record))
    kind = _type(headers)
    parse = parsers.get(kind)
    if parse is None:
        return _UNKNOWN_TYPE
    if record.value is None:
        msg = "no value"
        raise MalformedRecordError(msg)
    trace = trace_context(headers.get(TRACEPARENT))
    return Event(kind, parse(record.value), _time_ms(headers, record), record.value, trace)


def _time_ms(headers: Mapping[str, bytes | None], record: KafkaRecord) -> int:
    """Return the time of an event or tombstone: its attribute, else the record's timestamp.

    Our events always have the attribute. Tombstones, which may come from any tool, mostly have
    none; CloudEvents does not require it either.
    """
    if ce_time := headers.get(CE_TIME):
        return time_ms(ce_time)
    return record.timestamp


def _type(headers: Mapping[str, bytes | None]) -> str:
    try:
        kind = (headers.get(CE_TYPE) or b"").decode()  # a header may have no value
    except UnicodeDecodeError:
        msg = f"header {CE_TYPE} is not UTF-8"
        raise MalformedRecordError(msg) from None
    if not kind:
        msg = f"no header {CE_TYPE}"
        raise MalformedRecordError(msg)
    return kind


def trace_context(value: bytes | None) -> str:
    """Return a trace context; one that is no text is ignored, as W3C Trace Context asks for."""
    try:
        return (value or b"").decode()
    except UnicodeDecodeError:
        return ""


_NAMED_ERRORS: Final = 3


def short_reason(error: ValidationError) -> str:
    """Name the fields and the rules that they break, without any of the data."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    named = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}"
        for each in details[:_NAMED_ERRORS]
    ]
    more = len(details) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
