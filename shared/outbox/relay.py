"""The transactional outbox: publishes events that are stored in MongoDB beside their fact.

For facts that no topic redelivers, such as an HTTP request or a sent mail. The event is stored in
the document of its fact, so both exist or neither does. It is published right afterwards; what a
crash or an outage left unpublished is found by polling, the oldest first.

How a service uses it:

1. `document["outbox"] = outbox_field(events, now)` in the write that stores the fact.
2. `outbox.enqueue([Unpublished(document["_id"], events)])` once that write is confirmed.
3. Wiring: `outbox = Outbox(MongoOutbox(collection), metrics, utc_now)`, then
   `producer_running(service, owned_topics, outbox.run)`, and `background(outbox.watch)` for the
   index and the gauges.

The outbox of a document is written once and never extended; a later event needs its own document.
Events of one document are published in order. To publish one document's events after another's,
pass `after` to `outbox_field`; the poll holds them back until then. Readers drop repeats by event
id.

Several processes may share a collection. Each publishes its own documents at once. It claims
unpublished documents before it publishes them, so that no two processes publish the same ones. A
claim is renewed while its documents are being published and expires after a crash.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from shared.errors import TransientError
from shared.kafka.publisher import Publisher
from shared.metrics import Metrics
from shared.outbox.store import (
    Backlog,
    Claim,
    OutboxStore,
    Unpublished,
)
from shared.retry import retry_until_done
from shared.waiting import running_until, sleep_unless_set

_WATCH_SECONDS: Final = 5.0
_CLOSING_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class OutboxTuning:
    """How much the relay buffers, and when it polls for unpublished documents.

    Documents enqueued within `gather_seconds` after a publish go together; later ones go at once.
    The poll takes documents that have waited longer than `grace_seconds`: until then they belong to
    the process that wrote them. At most `buffered` documents are held in memory; the poll finds the
    rest. A claim that its process has not renewed for `claim_seconds` is free for others.
    """

    batch: int = 500
    buffered: int = 10_000
    gather_seconds: float = 0.0
    poll_seconds: float = 2.0
    grace_seconds: float = 3.0
    claim_seconds: float = 5.0


_DEFAULT_TUNING: Final = OutboxTuning()


class Outbox:
    """Publishes stored events: enqueued ones at once, unpublished ones by polling.

    One batch at a time, so enqueued documents are published in order.
    """

    def __init__(
        self,
        store: OutboxStore,
        metrics: Metrics,
        now: Callable[[], datetime],
        tuning: OutboxTuning = _DEFAULT_TUNING,
    ) -> None:
        self.store = store
        self._now = now
        self._tuning = tuning
        self._claim = Claim(uuid4().hex, tuning.claim_seconds)
        self._metrics = metrics
        self._buffered: dict[Any, Unpublished] = {}
        self._wake = asyncio.Event()
        self._failing = False

    def enqueue(self, entries: Iterable[Unpublished]) -> None:
        """Publish documents that were just stored; returns at once. The poll finds any overflow."""
        free = self._tuning.buffered - len(self._buffered)
        self._buffered.update((entry.id, entry) for entry in islice(entries, max(0, free)))
        self._wake.set()

    async def is_publishing(self) -> bool:
        """Return whether the last attempt to publish succeeded."""
        return not self._failing

    async def run(self, publisher: Publisher, closing: asyncio.Event) -> None:
        """Publish until `closing` is set; then flush the buffer if Kafka accepts it in time."""
        async with running_until(closing, self._publish_until(closing, publisher)) as work:
            self._wake.set()
            # The rest stays stored and is published after the next start.
            if self._buffered:
                await asyncio.wait({work}, timeout=_CLOSING_SECONDS)

    async def watch(self, closing: asyncio.Event) -> None:
        """Create the index and update the gauges of the backlog; works without Kafka."""
        async with running_until(closing, self._watch(closing)):
            pass

    async def _watch(self, closing: asyncio.Event) -> None:
        await retry_until_done(self.store.prepare, closing, self._count_retry)
        while True:
            with suppress(TransientError):
                self._show(await self.store.backlog())
            await asyncio.sleep(_WATCH_SECONDS)

    def _show(self, backlog: Backlog) -> None:
        service, now = self._metrics.service, self._now()
        age = now - (backlog.oldest or now)
        self._metrics.outbox_pending.labels(service).set(backlog.documents)
        self._metrics.outbox_oldest.labels(service).set(max(0.0, age.total_seconds()))

    async def _publish_until(self, closing: asyncio.Event, publisher: Publisher) -> None:
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        while self._buffered or not closing.is_set():
            self._wake.clear()
            batch = list(islice(self._buffered.values(), self._tuning.batch))
            await self._publish(batch, publisher, closing)
            if batch and len(self._buffered) < self._tuning.batch:
                await sleep_unless_set(self._tuning.gather_seconds, closing)
            if loop.time() >= poll_at and not closing.is_set():
                due = await self._claim_due(closing)
                async with self._renewed([each.id for each in due]):
                    await self._publish(due, publisher, closing)
                poll_at = loop.time() + (0 if due else self._tuning.poll_seconds)
            if not self._buffered:
                await sleep_unless_set(poll_at - loop.time(), self._wake)

    async def _claim_due(self, closing: asyncio.Event) -> list[Unpublished]:
        before = self._now() - timedelta(seconds=self._tuning.grace_seconds)
        claimed = await retry_until_done(
            lambda: self.store.claim_due(before, self._tuning.batch, self._claim),
            closing,
            self._count_retry,
        )
        return [entry for entry in claimed if entry.id not in self._buffered]

    @asynccontextmanager
    async def _renewed(self, ids: Sequence[Any]) -> AsyncIterator[None]:
        """Renew the claim on documents while the block runs."""
        renewing = asyncio.create_task(self._renew(ids))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})

    async def _renew(self, ids: Sequence[Any]) -> None:
        while ids:
            await asyncio.sleep(self._claim.seconds / 3)
            with suppress(TransientError):  # publishing may succeed all the same
                await self.store.renew(ids, self._claim)

    async def _publish(
        self, entries: Sequence[Unpublished], publisher: Publisher, closing: asyncio.Event
    ) -> None:
        if not entries:
            return
        events = [event for entry in entries for event in entry.events]
        await retry_until_done(lambda: publisher.publish(events), closing, self._record_outage)
        self._failing = False
        ids = [entry.id for entry in entries]
        now = self._now()
        by = self._claim.by
        await retry_until_done(
            lambda: self.store.mark_published(ids, now, by), closing, self._count_retry
        )
        for entry_id in ids:
            self._buffered.pop(entry_id, None)

    def _record_outage(self, error: str) -> None:
        self._failing = True
        self._count_retry(error)

    def _count_retry(self, error: str) -> None:
        self._metrics.retries.labels(self._metrics.service, error).inc()
