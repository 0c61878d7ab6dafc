"""How long a member lets the broker gather records before it answers a fetch.

A batch costs about the same for one record as for a hundred: look-ups, writes, a publish, a commit.
At rest every record is fetched at once; under load the broker gathers for a moment.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from shared.kafka.record import KafkaRecord

_IDLE_WAIT_MS: Final = 500
_IDLE_POLL_MS: Final = 1_000
# aiokafka keeps one fetch per broker in flight: while it has records, it asks for the other
# partitions only, and a long wait for those would starve the full ones.
_BUSY_WAIT_MS: Final = 50
# While a fetch is in flight, aiokafka's task wakes up this often to find nothing to do.
_IDLE_LOOK_SECONDS: Final = 1.0
_BUSY_LOOK_SECONDS: Final = 0.2
_GATHERED_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fetching:
    """How to fetch: the broker answers at `least_bytes`, or after `wait_ms`.

    A poll waits for `poll_ms`, and then returns without records.
    """

    least_bytes: int
    wait_ms: int
    poll_ms: int


IDLE: Final = Fetching(1, _IDLE_WAIT_MS, _IDLE_POLL_MS)


class Pace:
    """Chooses how one member fetches, by what its polls return.

    After an empty poll each record is fetched at once. If more follow within half of
    `gather_seconds`, the broker gathers them for `gather_seconds` at a time, or until it has enough
    for a batch. A full batch shows a backlog: there is nothing to wait for.
    """

    def __init__(self, batch_records: int, gather_seconds: float) -> None:
        gather_ms = round(gather_seconds * 1000)
        self._batch_records = batch_records
        self._at_once = Fetching(1, _BUSY_WAIT_MS, max(1, gather_ms // 2))
        self._gathering = Fetching(_GATHERED_BYTES, gather_ms, gather_ms + gather_ms // 2)
        self.fetching = IDLE

    async def poll(self, consumer: AIOKafkaConsumer) -> tuple[KafkaRecord, ...]:
        """Return at most a batch of records, as soon as there are any; after a while, none."""
        most, patience = self._batch_records, self.fetching.poll_ms
        polled = await consumer.getmany(timeout_ms=patience, max_records=most)
        records = tuple(chain(*polled.values()))
        self.polled(len(records))
        # Before the event loop runs again: then what was polled is fetched on.
        self._apply(consumer._fetcher)  # noqa: SLF001  # aiokafka fetches all its life alike
        return records

    def polled(self, records: int) -> None:
        """Note how many records a poll returned."""
        if not records:
            self.fetching = IDLE
        elif self.fetching is IDLE or records >= self._batch_records:
            self.fetching = self._at_once
        else:
            self.fetching = self._gathering

    def _apply(self, fetcher: Any) -> None:
        fetcher._fetch_min_bytes = self.fetching.least_bytes  # noqa: SLF001
        fetcher._fetch_max_wait_ms = self.fetching.wait_ms  # noqa: SLF001
        is_idle = self.fetching is IDLE
        fetcher._fetcher_timeout = _IDLE_LOOK_SECONDS if is_idle else _BUSY_LOOK_SECONDS  # noqa: SLF001
