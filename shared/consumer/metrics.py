"""Metrics of a consumer group, updated once per batch so that records pay nothing."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from operator import attrgetter
from typing import Any

import structlog

from shared.consumer.dead_letters import REASONS, DeadLetter
from shared.consumer.parsing import ParsedBatch
from shared.consumer.topic_check import ANOTHER_CLUSTER, ANOTHER_TOPIC
from shared.events.envelope import Event, redrive_topic
from shared.metrics import Metrics
from shared.outages import Outage
from shared.tracing import current
from shared.tracing.context import sampled
from shared.tracing.exemplar import exemplar

log = structlog.get_logger()


class BatchMetrics:
    """The metrics of one consumer group in this process."""

    def __init__(
        self, metrics: Metrics, group: str, topics: Sequence[str], event_types: Iterable[str]
    ) -> None:
        labels = (metrics.service, group)
        self._service = metrics.service
        self._metrics = metrics
        self._size = metrics.batch_size.labels(metrics.service)
        self._seconds = metrics.batch_seconds.labels(metrics.service)
        self._skipped = metrics.skipped.labels(metrics.service)
        self._progress = metrics.last_progress.labels(*labels)
        self.assigned = metrics.assigned.labels(*labels)
        self._rebalances = metrics.rebalances.labels(*labels)
        self._failing_commits = Outage()
        self._commit_failures = metrics.commit_failures.labels(*labels)
        self._lag = metrics.lag.labels(*labels)
        self._redrives = redrive_topic(group).name
        self._redriven = metrics.redriven.labels(metrics.service)
        for topic, reason in product(topics, REASONS):
            metrics.dead_letters.labels(metrics.service, topic, reason)
        for each in event_types:
            metrics.event_age.observe((), each)
        self._held = {each: metrics.held.labels(*labels, each) for each in topics}
        self._stopped = {
            reason: metrics.stopped.labels(*labels, reason)
            for reason in (
                "dead-letter-breaker",
                "offset-out-of-range",
                ANOTHER_TOPIC,
                ANOTHER_CLUSTER,
            )
        }

    def handled(self, batch: ParsedBatch[Any], started: float) -> None:
        """Record a handled batch that started at `started` (`time.perf_counter`)."""
        self._size.observe(len(batch.records))
        self._seconds.observe(time.perf_counter() - started, exemplar(batch.span))
        self._skipped.inc(batch.skipped)
        self._progress.set(time.time())
        self._redriven.inc(sum(each.topic == self._redrives for each in batch.records))
        self._age(batch.events)
        for letter in batch.dead_letters:
            self._report(letter)

    def rebalanced(self, partitions: int) -> None:
        """Count a rebalance, after which this process has so many partitions."""
        self._rebalances.inc()
        self.assigned.set(partitions)
        # Log: A member of the consumer group was assigned partitions; `partitions` are those of
        # this process now.
        log.info("consumer.assigned", partitions=partitions)

    def retried(self, error: str) -> None:
        """Count a retry by the kind of its error."""
        self._metrics.retries.labels(self._service, error).inc()

    def commit_failed(self, error: str) -> None:
        """Count a commit that was refused or got no answer."""
        self._commit_failures.inc()
        if self._failing_commits.fails(time.monotonic()):
            # Log: Offsets could not be committed: Kafka refused or did not answer. Their records
            # are delivered again, which changes nothing. Of many only some are logged.
            log.warning("commit.failed", error=error)

    def show(self, *, partitions: int, lag: int) -> None:
        """Set how many partitions this process has, and how many records it has yet to consume."""
        self.assigned.set(partitions)
        self._lag.set(lag)

    def held(self, members: Sequence[Mapping[str, float]]) -> None:
        """Set for how long the members are held by open transactions, by topic."""
        for topic, gauge in self._held.items():
            gauge.set(max((each.get(topic, 0.0) for each in members), default=0.0))

    def open_transaction(self, places: Sequence[str]) -> None:
        """Report where transactions stay open too long; readers go no further until they end."""
        # Log: A transaction of a producer stays open: records behind it are not read until it ends.
        # See docs/runbooks/open-transactions.md.
        log.error("transaction.open", holds_readers_at=places)

    def stopped(self, because: str, **details: object) -> None:
        """Report that the consumer has stopped until a person acts."""
        self._stopped[because].set(1)
        # Log: The consumer has stopped until a person acts; `because` is the reason that `/readyz`
        # gives. Either the first record is named (`reason`, `error`, `topic`, `partition`,
        # `offset`), or `positions`, which `belong_to` one topic `but_is` another, with an `action`.
        # See docs/runbooks/services.md.
        log.critical("consumer.stopped", because=because, **details)

    def _age(self, events: Sequence[Event[Any]]) -> None:
        now_ms = time.time() * 1000
        ages: dict[str, list[float]] = defaultdict(list)
        for event in events:
            ages[event.type].append(max(0.0, now_ms - event.time_ms) / 1000)
        for kind, seconds in ages.items():
            self._metrics.event_age.observe(seconds, kind)
        if current.tracer and events:
            oldest = min(events, key=attrgetter("time_ms"))
            trace = exemplar(sampled(oldest.traceparent))
            age = max(0.0, now_ms - oldest.time_ms) / 1000
            self._metrics.event_age.exemplify(age, trace, oldest.type)

    def _report(self, letter: DeadLetter) -> None:
        record = letter.record
        self._metrics.dead_letters.labels(self._service, record.topic, letter.reason).inc()
        # Log: A record can never be handled and is on the dead-letter topic: `cppp dead-letters
        # list`. The fields say which one and why, without its payload.
        log.error("record.dead_lettered", **letter.log_fields())
