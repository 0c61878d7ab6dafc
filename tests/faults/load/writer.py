"""Writes intake's events directly to its topics, for runs without intake."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

import orjson
from confluent_kafka import Producer

from shared.events.envelope import Attributes, Headers
from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import Planned
from tests.faults.observe.history import APPLICATIONS, CONTACTS

_GROUP_SIZE = 50
_FLUSH_SECONDS = 60.0
_WAIT_SECONDS = 0.5
Record = tuple[str, str, bytes, Headers]  # topic, key, value
OnDelivery = Callable[[Any, Any], None]
_TYPES = {1: "ApplicationSubmitted"}


class Writer:
    """Writes the events of a plan; a version is recorded as accepted when Kafka confirms it.

    Applications are written in groups: their versions are interleaved, but each application's
    versions keep their order. `times` is how often a whole group is written; `reversed` writes
    each application's newest version first. `age` is how long ago the events happened by their
    own times. The writer pauses while `must_wait` is true.
    """

    def __init__(
        self, bootstrap_servers: str, ledger: Ledger, plan: Iterable[Planned], per_second: float
    ) -> None:
        self.times = 1
        self.reversed = False
        self.with_contacts = False
        self.age = timedelta(0)
        self.must_wait: Callable[[], bool] = lambda: False
        self._ledger = ledger
        self._plan = iter(plan)
        self._per_second = per_second
        self._producer = Producer(
            {"bootstrap.servers": bootstrap_servers, "acks": "all", "linger.ms": 5}
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait until everything is written; record an error if that takes longer."""
        self._thread.join(seconds)
        if self.is_running:
            self._ledger.record_error(f"the writer did not finish within {seconds:.0f} s")
        self.stop()

    def finish(self) -> None:
        """Write no further application."""
        self._stopping.set()

    def stop(self) -> None:
        """Write no further application, and wait until the last records are confirmed."""
        self._stopping.set()
        self._thread.join(_FLUSH_SECONDS)

    def _run(self) -> None:
        try:
            self._write_all()
        except Exception as error:  # noqa: BLE001 - a thread's error would go unnoticed
            self._ledger.record_error(f"the writer failed: {error!r}")

    def _write_all(self) -> None:
        next_at = time.monotonic()
        while not self._stopping.is_set() and (group := list(islice(self._plan, _GROUP_SIZE))):
            self._write_group(group)
            while self.must_wait() and not self._stopping.is_set():
                self._producer.poll(_WAIT_SECONDS)
            next_at = max(next_at + len(group) / self._per_second, time.monotonic() - 1)
            while (wait_seconds := next_at - time.monotonic()) > 0:
                self._producer.poll(wait_seconds)
        if self._producer.flush(_FLUSH_SECONDS):
            self._ledger.record_error("Kafka did not confirm every record")

    def _write_group(self, group: Sequence[Planned]) -> None:
        versions = [self._events_of(*each) for each in self._in_order(group)]
        for repeat in range(self.times):
            for records, on_delivery in versions:
                for topic, key, value, headers in records:
                    is_last = repeat == self.times - 1 and topic == APPLICATIONS
                    self._produce((topic, value, key), headers, on_delivery if is_last else None)

    def _in_order(self, group: Sequence[Planned]) -> Iterator[tuple[Planned, str, int]]:
        with_ids = [(each, str(uuid4())) for each in group]
        numbers = range(1, 2 + max(each.amendments for each in group))
        for number in reversed(numbers) if self.reversed else numbers:
            for planned, application_id in with_ids:
                if number <= planned.amendments + 1:
                    yield planned, application_id, number

    def _events_of(
        self, planned: Planned, application_id: str, number: int
    ) -> tuple[list[Record], OnDelivery]:
        """Build the events of one version, and the callback that records it as accepted."""
        ids = {"application_id": application_id, "version": number}
        now = datetime.now(UTC) - self.age
        type_ = _TYPES.get(number, "ApplicationAmended")
        application = {**ids, "received_at": now, "application": planned.body(number)}
        records = [_record(APPLICATIONS, type_, application, now)]
        if self.with_contacts:
            contact = {**ids, "contact": planned.contact}
            records.insert(0, _record(CONTACTS, "ContactRegistered", contact, now))

        def on_delivery(error: Any, _record: Any) -> None:
            if error is None:
                is_past = self.age > timedelta(0)
                self._ledger.accept(application_id, number, planned.service, is_past=is_past)

        return records, on_delivery

    def _produce(
        self, record: tuple[str, bytes, str], headers: Headers, on_delivery: OnDelivery | None
    ) -> None:
        while True:
            try:
                self._producer.produce(*record, headers=list(headers), on_delivery=on_delivery)
            except BufferError:  # the producer's queue is full
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)


def _record(topic: str, type_: str, data: dict[str, Any], now: datetime) -> Record:
    application_id = data["application_id"]
    headers = Attributes(type_, str(uuid4()), "intake", application_id, now).headers()
    return topic, application_id, orjson.dumps(data), headers
