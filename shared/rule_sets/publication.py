"""Publishes the rule set that a service has started with, once for each time it takes effect."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from shared.kafka.publisher import KafkaPublisher, Publisher
from shared.metrics import Metrics
from shared.mongo import Database
from shared.retry import retry_until_done
from shared.rule_sets.model import RuleSet
from shared.rule_sets.store import COLLECTION, MongoRuleSets

Work = Callable[[KafkaPublisher, asyncio.Event], Awaitable[None]]
"""What a service does beside its consumer, until the event is set."""


class RuleSetPublication:
    """Puts a rule set in force, then publishes it; what a crash left behind, the next start does.

    Every instance that starts publishes what is stored and not marked as published. So nothing is
    left out, and several at once publish the same event more than once, with the same id and bytes.
    """

    def __init__(
        self, database: Database, rule_set: RuleSet, metrics: Metrics, now: Callable[[], datetime]
    ) -> None:
        self._rule_sets = MongoRuleSets(database[COLLECTION])
        self._rule_set = rule_set
        self._metrics = metrics
        self._now = now

    async def prepare(self) -> None:
        """Put the rule set in force; to be called before anything is decided by it.

        Raises `SetupError` if its version was in force with other terms.
        """
        await self._rule_sets.put_in_force(self._rule_set, self._now())

    def first(self, prepare: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Return what puts the rule set in force and then prepares the rest."""

        async def both() -> None:
            await self.prepare()
            await prepare()

        return both

    def before(self, work: Work) -> Work:
        """Return work that waits until the rule set is in force."""

        async def waiting(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
            await retry_until_done(self.prepare, closing, self._count_retry)
            await work(publisher, closing)

        return waiting

    async def publish(self, publisher: Publisher, closing: asyncio.Event) -> None:
        """Publish what is not published yet, however long Kafka or MongoDB is away; then return."""
        stored = self._rule_sets
        waiting = await retry_until_done(stored.unpublished, closing, self._count_retry)
        if not waiting:
            return
        events = [event for each in waiting for event in each.events]
        await retry_until_done(lambda: publisher.publish(events), closing, self._count_retry)
        ids = [each.id for each in waiting]
        await retry_until_done(
            lambda: stored.mark_published(ids, self._now()), closing, self._count_retry
        )

    def _count_retry(self, error: str) -> None:
        self._metrics.retries.labels(self._metrics.service, error).inc()
