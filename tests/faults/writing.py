"""Writes intake's events straight to its topics, for runs in which intake takes no part."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import uuid4

import orjson
from confluent_kafka import Producer

from shared.events.envelope import Attributes, Headers
from tests.faults.history import APPLICATIONS, CONTACTS
from tests.faults.ledger import Ledger
from tests.faults.plan import CONTACT, Planned

_TOGETHER = 50
_FLUSH_SECONDS = 60.0
_TYPES = {1: "ApplicationSubmitted"}


class Writer:
    """Writes the events of a plan; a version is noted as accepted when Kafka has confirmed it.

    Versions of different applications are mixed; those of one keep their order. `times` is how
    often each event is written, `shuffled` turns the versions of each application round.
    """

    def __init__(
        self, bootstrap_servers: str, ledger: Ledger, plan: Iterable[Planned], per_second: float
    ) -> None:
        self.times = 1
        self.reversed = False
        self.with_contacts = False
        self._ledger = ledger
        self._plan = iter(plan)
        self._per_second = per_second
        self._producer = Producer(
            {"bootstrap.servers": bootstrap_servers, "acks": "all", "linger.ms": 5}
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write_all, daemon=True)

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

    def stop(self) -> None:
        """End writing where it stands."""
        self._stopping.set()
        self._thread.join(_FLUSH_SECONDS)

    def _write_all(self) -> None:
        next_at = time.monotonic()
        while (some := list(islice(self._plan, _TOGETHER))) and not self._stopping.is_set():
            for planned, application_id, number in self._in_order(some):
                self._write(planned, application_id, number)
            next_at = max(next_at + len(some) / self._per_second, time.monotonic() - 1)
            self._producer.poll(max(0.0, next_at - time.monotonic()))
            self._stopping.wait(max(0.0, next_at - time.monotonic()))
        if self._producer.flush(_FLUSH_SECONDS):
            self._ledger.refuse("Kafka did not confirm everything that was written")

    def _in_order(self, some: Sequence[Planned]) -> Iterator[tuple[Planned, str, int]]:
        named = [(each, str(uuid4())) for each in some]
        numbers = range(1, 2 + max(each.amendments for each in some))
        for number in reversed(numbers) if self.reversed else numbers:
            for planned, application_id in named:
                if number <= planned.amendments + 1:
                    yield planned, application_id, number

    def _write(self, planned: Planned, application_id: str, number: int) -> None:
        now = datetime.now(UTC)
        value = orjson.dumps(
            {
                "application_id": application_id,
                "version": number,
                "received_at": now,
                "application": planned.body(number),
            }
        )
        kind = _TYPES.get(number, "ApplicationAmended")
        headers = _headers(kind, application_id, now)
        if self.with_contacts:
            self._write_contact(application_id, number, now)

        def confirmed(error: Any, _record: Any) -> None:
            if error is None:
                self._ledger.accept(application_id, number, planned.service)

        for time_ in range(self.times):
            last = time_ == self.times - 1
            self._produce(
                APPLICATIONS, application_id, (value, headers), confirmed if last else None
            )

    def _write_contact(self, application_id: str, number: int, now: datetime) -> None:
        data = {"application_id": application_id, "version": number, "contact": CONTACT}
        headers = _headers("ContactRegistered", application_id, now)
        self._produce(CONTACTS, application_id, (orjson.dumps(data), headers), None)

    def _produce(
        self, topic: str, key: str, event: tuple[bytes, Headers], on_delivery: Any
    ) -> None:
        while True:
            try:
                self._producer.produce(
                    topic, event[0], key, headers=list(event[1]), on_delivery=on_delivery
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)


def _headers(kind: str, application_id: str, now: datetime) -> Headers:
    return Attributes(kind, str(uuid4()), "intake", application_id, now).headers()
