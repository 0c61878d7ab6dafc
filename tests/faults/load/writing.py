"""Writes intake's events straight to its topics, for runs in which intake takes no part."""

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
from tests.faults.load.plan import CONTACT, Planned
from tests.faults.observe.history import APPLICATIONS, CONTACTS

_TOGETHER = 50
_FLUSH_SECONDS = 60.0
_BRAKE_SECONDS = 0.5
Fact = tuple[str, str, bytes, Headers]  # topic, key, value
OnDelivery = Callable[[Any, Any], None]
_TYPES = {1: "ApplicationSubmitted"}


class Writer:
    """Writes the events of a plan; a version is noted as accepted when Kafka has confirmed it.

    Versions of different applications are mixed; those of one keep their order. `times` is how
    often they are written, all of a group before its first repeat; `reversed` writes the newest
    version of each application first. `age` is how long ago the events happened by their own times.
    It waits while `brake` holds.
    """

    def __init__(
        self, bootstrap_servers: str, ledger: Ledger, plan: Iterable[Planned], per_second: float
    ) -> None:
        self.times = 1
        self.reversed = False
        self.with_contacts = False
        self.age = timedelta(0)
        self.brake: Callable[[], bool] = lambda: False
        self._ledger = ledger
        self._plan = iter(plan)
        self._per_second = per_second
        self._producer = Producer(
            {"bootstrap.servers": bootstrap_servers, "acks": "all", "linger.ms": 5}
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write_or_complain, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait until everything is written; what is not in time is told by the ledger."""
        self._thread.join(seconds)
        if self.is_running:
            self._ledger.refuse(f"writing did not end within {seconds:.0f} s")
        self.stop()

    def finish(self) -> None:
        """Write no further application."""
        self._stopping.set()

    def stop(self) -> None:
        """End writing where it stands."""
        self._stopping.set()
        self._thread.join(_FLUSH_SECONDS)

    def _write_or_complain(self) -> None:
        try:
            self._write_all()
        except Exception as error:  # noqa: BLE001 - a thread's error would go unnoticed
            self._ledger.refuse(f"the writer ended: {error!r}")

    def _write_all(self) -> None:
        next_at = time.monotonic()
        while not self._stopping.is_set() and (some := list(islice(self._plan, _TOGETHER))):
            self._write_together(some)
            while self.brake() and not self._stopping.is_set():
                self._producer.poll(_BRAKE_SECONDS)
            next_at = max(next_at + len(some) / self._per_second, time.monotonic() - 1)
            while (wait_seconds := next_at - time.monotonic()) > 0:
                self._producer.poll(wait_seconds)
        if self._producer.flush(_FLUSH_SECONDS):
            self._ledger.refuse("Kafka did not confirm everything that was written")

    def _write_together(self, some: Sequence[Planned]) -> None:
        written = [self._written(*each) for each in self._in_order(some)]
        for repeat in range(self.times):
            for facts, note in written:
                for topic, key, value, headers in facts:
                    is_last = repeat == self.times - 1 and topic == APPLICATIONS
                    self._produce((topic, value, key), headers, note if is_last else None)

    def _in_order(self, some: Sequence[Planned]) -> Iterator[tuple[Planned, str, int]]:
        named = [(each, str(uuid4())) for each in some]
        numbers = range(1, 2 + max(each.amendments for each in some))
        for number in reversed(numbers) if self.reversed else numbers:
            for planned, application_id in named:
                if number <= planned.amendments + 1:
                    yield planned, application_id, number

    def _written(
        self, planned: Planned, application_id: str, number: int
    ) -> tuple[list[Fact], OnDelivery]:
        """Lay out the events of one version, and what is to be noted when it is confirmed."""
        named = {"application_id": application_id, "version": number}
        now = datetime.now(UTC) - self.age
        kind = _TYPES.get(number, "ApplicationAmended")
        application = {**named, "received_at": now, "application": planned.body(number)}
        facts = [_fact(APPLICATIONS, kind, application, now)]
        if self.with_contacts:
            contact = {**named, "contact": CONTACT}
            facts.insert(0, _fact(CONTACTS, "ContactRegistered", contact, now))

        def confirmed(error: Any, _record: Any) -> None:
            if error is None:
                is_past = self.age > timedelta(0)
                self._ledger.accept(application_id, number, planned.service, is_past=is_past)

        return facts, confirmed

    def _produce(
        self, record: tuple[str, bytes, str], headers: Headers, on_delivery: OnDelivery | None
    ) -> None:
        while True:
            try:
                self._producer.produce(*record, headers=list(headers), on_delivery=on_delivery)
            except BufferError:
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)


def _fact(topic: str, kind: str, data: dict[str, Any], now: datetime) -> Fact:
    application_id = data["application_id"]
    headers = Attributes(kind, str(uuid4()), "intake", application_id, now).headers()
    return topic, application_id, orjson.dumps(data), headers
