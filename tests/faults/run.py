"""One run of a scenario: services on their own servers, a load, faults, and the history."""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from devstack.servers.service import own_settings, service
from devstack.stack.ports import free_ports
from devstack.stack.program import PROJECT
from devstack.testing.service_process import ServiceProcess
from devstack.waiting import wait_until
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.faults.environment import READY_SECONDS, Environment
from tests.faults.load.backpressure import Backpressure
from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import Planned, applications
from tests.faults.load.submitter import Submitter
from tests.faults.load.writer import Writer
from tests.faults.observe.history import History, Mail
from tests.faults.observe.measurements import Measurements, Recovery
from tests.faults.observe.progress import Progress
from tests.faults.observe.reading import (
    EVENT_TOPICS,
    dead_letter_topics,
    dead_letters,
    mails_in,
    published_events,
    stored_decisions,
    stored_notifications,
)
from tests.kafka import KafkaClient

LoadT = TypeVar("LoadT", Submitter, Writer)
_RECOVERY_SECONDS = 300.0  # not a guarantee, only when to stop waiting
_STANDSTILL_SECONDS = 120.0
_LOAD_SECONDS = 600.0
_POLL_SECONDS = 0.1
_QUIET_CHECK_SECONDS = 2.0
_SETTLE_POLL_SECONDS = 0.5
_RESTARTS = 1_000
_EFFECTS_UNDER_LOAD = 20  # several batches of a load


class Run:
    """What a scenario works with. Everything that it starts is stopped at the end of the run.

    `scale` reduces counts for a short run; `random` is seeded with `seed`, so a round repeats.
    """

    def __init__(self, environment: Environment, scale: float = 1.0, seed: int = 1) -> None:
        self.stack = environment.stack
        self.addresses = environment.addresses
        self.kafka = KafkaClient(environment.addresses.kafka_bootstrap_servers)
        self.ledger = Ledger()
        self.progress = Progress(environment.addresses, self.ledger)
        self.measured = Measurements()
        self.random = random.Random(seed)
        self.processes: dict[str, list[ServiceProcess]] = {}
        self.read_mails: Callable[[], Iterable[Mail]] = lambda: mails_in(self.addresses.maildir)
        self._scale = scale
        self._closing = ExitStack()
        self._loads: list[Submitter | Writer] = []
        self._endless: list[Submitter | Writer] = []

    @property
    def is_short(self) -> bool:
        """Whether only a part of the usual load is used."""
        return self._scale < 1

    def count(self, number: int, at_least: int = 1) -> int:
        """Return a count, reduced for a short run."""
        return max(at_least, int(number * self._scale))

    def start(
        self,
        name: str,
        settings: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
        source: Path = PROJECT,
    ) -> ServiceProcess:
        """Start one instance of a service and wait until it is ready; it is restarted if it exits.

        `through` is a module, with its arguments, that changes the service and then runs it;
        `source` is the folder with the service's code, such as that of another release.
        """
        port = free_ports(["HTTP"])["HTTP"]
        own = own_settings(name, self.stack.folder) | dict(settings or {})
        started = self.processes.setdefault(name, [])
        program = replace(
            service(name, port, self.addresses, own),
            name=f"{name}-{len(started) + 1}",
            command=(sys.executable, "-m", *through, f"services.{name}"),
            folder=source,
            start_seconds=1,
            start_retries=_RESTARTS,
            ready_seconds=READY_SECONDS,
        )
        self.stack.add_program(program)
        process = ServiceProcess(program.name, port, self.stack)
        started.append(process)
        return process

    def submit(self, count: int | None, per_second: float, recognition_every: int = 0) -> Submitter:
        """Post applications to all instances of intake, in the background.

        Without a count it continues until `settle`.
        """
        plan = applications(count, recognition_every)
        load = Submitter(self.intake_urls, self.ledger, plan, per_second)
        return self.load(load, endless=count is None)

    def intake_urls(self) -> list[str]:
        """Return where the instances of intake answer; those that have ended do not."""
        return [each.url for each in self.processes["intake"]]

    def write(self, count: int | None, per_second: float, recognition_every: int = 0) -> Writer:
        """Write events of applications directly to the topics, in the background; see `submit`."""
        load = self.writer(applications(count, recognition_every), per_second)
        return self.load(load, endless=count is None)

    def writer(self, plan: Iterable[Planned], per_second: float) -> Writer:
        """Prepare to write events directly to the topics; `load` starts it."""
        return Writer(self.addresses.kafka_bootstrap_servers, self.ledger, plan, per_second)

    def load(self, load: LoadT, *, endless: bool = False) -> LoadT:
        """Start a load; an endless one stops when the run settles, and waits for slow services."""
        self._loads.append(load)
        if endless:
            load.must_wait = Backpressure(lambda: self.progress.undone(self.processes))
            self._endless.append(load)
        load.start()
        return load

    def members(self, group: str) -> set[str]:
        """Return the ids of a consumer group's members; each gets a new id when it joins again."""
        return {each.member_id for each in self.kafka.members(group)}

    @property
    def is_loaded(self) -> bool:
        """Whether a load is still running."""
        return any(each.is_running for each in self._loads)

    @contextmanager
    def fault(self, seen_in: str) -> Iterator[None]:
        """Measure from the end of the block to the next effect of the service `seen_in`."""
        self.measured.faults += 1
        yield
        self.measure_recovery(seen_in, time.monotonic())

    def kill(self, process: ServiceProcess) -> None:
        """Kill an instance (SIGKILL), and measure the time to the service's next effect."""
        self.measured.faults += 1
        self.measured.crashes += 1
        killed_at = time.monotonic()
        process.kill()
        self.measure_recovery(_service_of(process), killed_at)

    def measure_recovery(self, service_name: str, since: float) -> None:
        """Wait for the next effect of a service, and record the time from `since`.

        If no work is left, there is nothing to measure.
        """
        before, check_again_at = None, since + _QUIET_CHECK_SECONDS
        while True:
            now, moment = self.progress.effects(service_name), time.monotonic()
            if None not in {now, before} and now != before:
                self.measured.recoveries.append(Recovery(service_name, moment - since))
                return
            before = now if before is None else before  # unknown while servers are down
            if moment > check_again_at:
                if not self.is_loaded and self.progress.undone(self.processes) == 0:
                    return
                check_again_at = moment + _QUIET_CHECK_SECONDS
            if moment > since + _RECOVERY_SECONDS:
                late = f"{service_name} had no new effect within {_RECOVERY_SECONDS:.0f} s"
                self.measured.complaints.append(late)
                return
            time.sleep(_POLL_SECONDS)

    def wait_for_effects(self, service_name: str) -> None:
        """Wait until the load has effects, so that the next fault hits a service at work."""
        self.expect_eventually(
            lambda: (self.progress.effects(service_name) or 0) >= _EFFECTS_UNDER_LOAD,
            f"{service_name} had no effects before the fault",
        )

    def sleep(self, shortest: float, longest: float) -> None:
        """Let a random time pass: the length of a fault, or the time between two faults.

        To wait for something to happen, use `expect_eventually`.
        """
        time.sleep(self.random.uniform(shortest, longest))

    def measure(self, note: str) -> None:
        """Record a figure for the table."""
        self.measured.notes.append(note)

    def expect(self, condition: object, otherwise: str) -> None:
        """Record the complaint `otherwise` unless the condition holds."""
        if not condition:
            self.measured.complaints.append(otherwise)

    def expect_eventually(
        self, condition: Callable[[], bool], otherwise: str, seconds: float = _RECOVERY_SECONDS
    ) -> None:
        """Wait until a condition holds; record a complaint if it does not in time."""
        self.expect(wait_until(condition, seconds), otherwise)

    def settle(self) -> None:
        """Wait until the loads have finished and no work is left, or there is no progress."""
        for each in self._loads:
            if each in self._endless:
                each.finish()
            each.join(_LOAD_SECONDS)
        least = sys.maxsize
        give_up_at = time.monotonic() + _STANDSTILL_SECONDS
        while (undone := self.progress.undone(self.processes)) != 0:
            if undone is not None and undone < least:
                least, give_up_at = undone, time.monotonic() + _STANDSTILL_SECONDS
            if time.monotonic() > give_up_at:
                self.measured.complaints.append(f"no progress: {least} items left to do")
                return
            time.sleep(_SETTLE_POLL_SECONDS)

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call a function at the end of the run."""
        self._closing.callback(callback)

    def provide_topics(self) -> None:
        """Create intake's topics; needed if a load starts before the first service."""
        servers = self.addresses.kafka_bootstrap_servers
        settings = KafkaSettings(bootstrap_servers=servers)
        asyncio.run(provide_topics(settings, [APPLICATIONS, CONTACTS]))

    def close(self) -> None:
        """Stop the loads and close all connections; the environment stops by itself."""
        for each in self._loads:
            each.stop()
        self._loads.clear()  # an open Kafka client would log errors about stopped servers
        self._endless.clear()
        del self.kafka
        self._closing.close()
        self.progress.close()

    def history(self) -> History:
        """Read what was accepted, and every effect of it."""
        topics = self.progress.topics()
        event_topics = [each for each in EVENT_TOPICS if each in topics]
        return History(
            services=frozenset(self.processes),
            accepted=tuple(self.ledger.accepted),
            events=published_events(self.kafka, event_topics, frozenset(self.ledger.poison_values)),
            decisions=list(stored_decisions(self.progress.mongo)),
            notifications=list(stored_notifications(self.progress.mongo)),
            mails=list(self.read_mails()),
            dead_letters=list(dead_letters(self.kafka, dead_letter_topics(topics))),
            expected_dead_letters=dict(self.ledger.expected_dead_letters),
            past=frozenset(self.ledger.past),
        )


def _service_of(process: ServiceProcess) -> str:
    return process.name.rpartition("-")[0]
