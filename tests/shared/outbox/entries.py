"""Documents with events, for tests of the outbox."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from shared.errors import AbandonedError
from shared.events.envelope import Outgoing
from shared.outbox.relay import Outbox
from shared.outbox.store import (
    Claim,
    Unpublished,
    outbox_field,
)
from tests.factories import NOW
from tests.in_memory import FakePublisher
from tests.waiting import DEADLINE_SECONDS

LONG_AGO = NOW - timedelta(hours=1)


OURS, THEIRS = Claim("us", 30), Claim("them", 30)
SHORT = Claim("crashed", 0.05)


def an_entry(name: str, count: int = 1) -> Unpublished:
    return Unpublished(name, [an_outgoing(f"{name}-{n}") for n in range(count)])


def an_outgoing(text: str, value: bytes | None = b"{}") -> Outgoing:
    headers = [("ce_id", text.encode()), ("ce_type", b"Something"), ("traceparent", b"\x00\xff")]
    return Outgoing("some.topic.v1", text.encode(), value, headers, NOW)


def keys(events: Sequence[Outgoing]) -> list[str]:
    return [(event.key or b"").decode() for event in events]


@asynccontextmanager
async def running(outbox: Outbox, publisher: FakePublisher):
    closing = asyncio.Event()
    task = asyncio.create_task(outbox.run(publisher, closing))
    yield
    closing.set()
    with suppress(AbandonedError):  # the stop came during a retry
        await asyncio.wait_for(task, DEADLINE_SECONDS)


async def insert(collection, entry: Unpublished, since: datetime) -> None:
    await collection.insert_one({"_id": entry.id, "outbox": outbox_field(entry.events, since)})
