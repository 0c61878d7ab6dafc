"""Handlers, records and publishers for tests of one batch."""

import asyncio
from collections.abc import Sequence

from pydantic import TypeAdapter

from shared.consumer.handling import Handler, Retry, no_lookup
from shared.errors import TransientError
from shared.events.envelope import Event, Outgoing
from shared.events.intake import ApplicationSubmitted
from tests.factories import NOW, raw_record
from tests.in_memory import a_batch_handler

PARSERS = {"ApplicationSubmitted": TypeAdapter(ApplicationSubmitted).validate_json}


class RecordingPublisher:
    """Confirms everything after failing a given number of times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.published: list[Outgoing] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        if self.failures:
            self.failures -= 1
            raise TransientError
        self.published.extend(events)


class Kept:
    """Keeps the first of each id, after failing a given number of times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0
        self.ids: list[str] = []

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise TransientError
        self.ids += [each for each in proposals if each not in self.ids]
        return proposals


def application_id(event: Event[ApplicationSubmitted]) -> str:
    return event.data.application_id


def announced(kept: str) -> Outgoing:
    return Outgoing("decisions", kept.encode(), b"decided", [], NOW)


ON_TOMBSTONE = {"contacts": lambda key, time_ms: f"erase {key!r} as of {time_ms}"}


def a_handler(kept: Kept, lookup=no_lookup(application_id)) -> Handler[str, str]:  # noqa: B008
    return Handler(PARSERS, lookup, kept.keep, announced, ON_TOMBSTONE)


def no_retry() -> Retry:
    return Retry(asyncio.Event())


async def handle(records, handler, publisher=None, retry=None):
    batch_handler = a_batch_handler(handler, publisher or RecordingPublisher())
    return await batch_handler.handle(records, retry or no_retry())


BAD = {
    "invalid JSON": raw_record(b"{", [("ce_type", b"ApplicationSubmitted")]),
    "JSON of another shape": raw_record(b"[]", [("ce_type", b"ApplicationSubmitted")]),
    "no value": raw_record(None, [("ce_type", b"ApplicationSubmitted")]),
    "no event type": raw_record(b"{}"),
    "an event type without value": raw_record(b"{}", [("ce_type", None)]),
    "a type that is not text": raw_record(b"{}", [("ce_type", b"\xff\xfe")]),
}
UNREAD_HEADERS = {
    "bytes that are no text": ("x-trace", b"\x80\xff"),
    "no value": ("x-trace", None),
    "an attribute of CloudEvents that nobody reads": ("ce_subject", b"\xff"),
    "a trace context that is no text": ("traceparent", b"\xff\xfe"),
    "a trace context without value": ("traceparent", None),
}
