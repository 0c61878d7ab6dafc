"""The outbox: events kept in MongoDB beside their fact until they are on their topics.

For what no topic redelivers, such as a request over HTTP or a mail that was sent. The event is
kept in the same document as its fact, so both are there or neither is; it is published right
after, and what a crash or an outage left behind is swept up, the oldest first.

How a service uses it:

1. `document["outbox"] = outbox_field(events, now)` in the write that makes the fact true.
2. `outbox.enqueue([Unpublished(document["_id"], events)])` once that write is confirmed.
3. Wiring: `outbox = Outbox(MongoOutbox(collection), metrics, utc_now)`, then
   `publishing(service, owned_topics, outbox.run)`, and `background(outbox.watch)` for the index
   and the gauges.

A document's outbox is written once and never extended; a later event needs its own document.
Events of one document are published in their order. Those of a later document that must not come
first are kept with `outbox_field(events, since, after)`, and left to the sweep while the document
`after` is unpublished. Readers drop repeats by event id.

Several processes may share a collection. Each publishes at once what it wrote itself; what was left
behind it claims first, so that no two sweep up the same. A claim is renewed while its documents are
being published, and runs out after a crash: then another process takes them over.
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
    """How the outbox works: what it holds in memory, and when it looks for what was left behind.

    What is handed over within `gather_seconds` after something was published goes together; what
    comes later goes at once. A document is swept up when it waits longer than `grace_seconds`:
    until then it is in the hands of the process that wrote it. More than `held` documents are left
    to the sweep. What a process has claimed for the sweep and not renewed for `claim_seconds` is
    free for others.
    """

    batch: int = 500
    held: int = 10_000
    gather_seconds: float = 0.0
    sweep_seconds: float = 2.0
    grace_seconds: float = 3.0
    claim_seconds: float = 5.0


_PACE: Final = OutboxTuning()


class Outbox:
    """Publishes what is kept: at once what is handed over, later what was left behind.

    One batch at a time, so the order of what is handed over is kept.
    """

    def __init__(
        self,
        kept: OutboxStore,
        metrics: Metrics,
        now: Callable[[], datetime],
        pace: OutboxTuning = _PACE,
    ) -> None:
        self.kept = kept
        self._now = now
        self._pace = pace
        self._claim = Claim(uuid4().hex, pace.claim_seconds)
        self._metrics = metrics
        self._held: dict[Any, Unpublished] = {}
        self._wake = asyncio.Event()
        self._failing = False

    def enqueue(self, entries: Iterable[Unpublished]) -> None:
        """Take what was just kept; returns at once. Beyond what can be held the sweep finds it."""
        free = self._pace.held - len(self._held)
        self._held.update((entry.id, entry) for entry in islice(entries, max(0, free)))
        self._wake.set()

    async def is_publishing(self) -> bool:
        """Tell whether the last attempt to publish succeeded."""
        return not self._failing

    async def run(self, publisher: Publisher, closing: asyncio.Event) -> None:
        """Publish until `closing` is set; then what is in hand, if Kafka takes it in time."""
        async with running_until(closing, self._publish_until(closing, publisher)) as work:
            self._wake.set()
            # What is not done by then stays kept, and is swept up after the next start.
            if self._held:
                await asyncio.wait({work}, timeout=_CLOSING_SECONDS)

    async def watch(self, closing: asyncio.Event) -> None:
        """Provide the index and keep the gauges of the backlog current; needs no Kafka."""
        async with running_until(closing, self._watch(closing)):
            pass

    async def _watch(self, closing: asyncio.Event) -> None:
        await retry_until_done(self.kept.prepare, closing, self._count_retry)
        while True:
            with suppress(TransientError):
                self._show(await self.kept.backlog())
            await asyncio.sleep(_WATCH_SECONDS)

    def _show(self, backlog: Backlog) -> None:
        service, now = self._metrics.service, self._now()
        age = now - (backlog.oldest or now)
        self._metrics.outbox_pending.labels(service).set(backlog.documents)
        self._metrics.outbox_oldest.labels(service).set(max(0.0, age.total_seconds()))

    async def _publish_until(self, closing: asyncio.Event, publisher: Publisher) -> None:
        loop = asyncio.get_running_loop()
        sweep_at = loop.time()
        while self._held or not closing.is_set():
            self._wake.clear()
            in_hand = list(islice(self._held.values(), self._pace.batch))
            await self._publish(in_hand, publisher, closing)
            if in_hand and len(self._held) < self._pace.batch:
                await sleep_unless_set(self._pace.gather_seconds, closing)
            if loop.time() >= sweep_at and not closing.is_set():
                left_behind = await self._left_behind(closing)
                async with self._renewed([each.id for each in left_behind]):
                    await self._publish(left_behind, publisher, closing)
                sweep_at = loop.time() + (0 if left_behind else self._pace.sweep_seconds)
            if not self._held:
                await sleep_unless_set(sweep_at - loop.time(), self._wake)

    async def _left_behind(self, closing: asyncio.Event) -> list[Unpublished]:
        before = self._now() - timedelta(seconds=self._pace.grace_seconds)
        due = await retry_until_done(
            lambda: self.kept.claim_due(before, self._pace.batch, self._claim),
            closing,
            self._count_retry,
        )
        return [entry for entry in due if entry.id not in self._held]

    @asynccontextmanager
    async def _renewed(self, ids: Sequence[Any]) -> AsyncIterator[None]:
        """Keep the claim on these while inside."""
        renewing = asyncio.create_task(self._renew(ids))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})

    async def _renew(self, ids: Sequence[Any]) -> None:
        while ids:
            await asyncio.sleep(self._claim.seconds / 3)
            with suppress(TransientError):  # by then the publishing may be done all the same
                await self.kept.renew(ids, self._claim)

    async def _publish(
        self, entries: Sequence[Unpublished], publisher: Publisher, closing: asyncio.Event
    ) -> None:
        if not entries:
            return
        events = [event for entry in entries for event in entry.events]
        await retry_until_done(lambda: publisher.publish(events), closing, self._note_outage)
        self._failing = False
        ids = [entry.id for entry in entries]
        now = self._now()
        by = self._claim.by
        await retry_until_done(
            lambda: self.kept.mark_published(ids, now, by), closing, self._count_retry
        )
        for entry_id in ids:
            self._held.pop(entry_id, None)

    def _note_outage(self, error: str) -> None:
        self._failing = True
        self._count_retry(error)

    def _count_retry(self, error: str) -> None:
        self._metrics.retries.labels(self._metrics.service, error).inc()
