"""One run: services on environment of their own, a load, faults, and what came of it all."""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TypeVar

from devstack.servers.service import own_settings, service
from devstack.stack.ports import free_ports
from devstack.testing.service_process import ServiceProcess
from devstack.waiting import wait_until
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.faults.environment import PATIENCE_SECONDS, Environment
from tests.faults.load.brake import Brake
from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import Planned, applications
from tests.faults.load.submitting import Submitter
from tests.faults.load.writing import Writer
from tests.faults.observe.history import History, Mail
from tests.faults.observe.measured import Measured, Recovery
from tests.faults.observe.progress import Progress
from tests.faults.observe.reading import (
    FACTS,
    dead_letter_topics,
    dead_letters,
    kept_decisions,
    kept_notifications,
    mails_in,
    published,
)
from tests.kafka import KafkaClient

LoadT = TypeVar("LoadT", Submitter, Writer)
_RECOVERY_SECONDS = 300.0  # no promise, only when to stop waiting
_STANDSTILL_SECONDS = 120.0
_LOAD_SECONDS = 600.0
_POLL_SECONDS = 0.1
_QUIET_CHECK_SECONDS = 2.0
_SETTLE_POLL_SECONDS = 0.5
_RESTARTS = 1_000


class Run:
    """What a scenario plays with. Everything that it starts ends with the run.

    `scale` makes counts smaller where a run has to be short; `random` repeats itself by `seed`.
    """

    def __init__(self, environment: Environment, scale: float = 1.0, seed: int = 1) -> None:
        self.stack = environment.stack
        self.addresses = environment.addresses
        self.kafka = KafkaClient(environment.addresses.kafka_bootstrap_servers)
        self.ledger = Ledger()
        self.progress = Progress(environment.addresses, self.ledger)
        self.measured = Measured()
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
        """Make a count as small as the run wants it."""
        return max(at_least, int(number * self._scale))

    def start(
        self, name: str, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
    ) -> ServiceProcess:
        """Start one instance of a service and wait until it is ready; it restarts when it dies.

        `through` is a module, with its arguments, that starts the service in its own way.
        """
        port = free_ports(["HTTP"])["HTTP"]
        own = own_settings(name, self.stack.folder) | dict(settings or {})
        started = self.processes.setdefault(name, [])
        program = replace(
            service(name, port, self.addresses, own),
            name=f"{name}-{len(started) + 1}",
            command=(sys.executable, "-m", *through, f"services.{name}"),
            start_seconds=1,
            start_retries=_RESTARTS,
            ready_seconds=PATIENCE_SECONDS,
        )
        self.stack.add_program(program)
        process = ServiceProcess(program.name, port, self.stack)
        started.append(process)
        return process

    def submit(self, count: int | None, per_second: float, recognition_every: int = 0) -> Submitter:
        """Post applications to all instances of intake, in the background.

        Without a count there is no end to it before `settle`.
        """
        plan = applications(count, recognition_every)
        load = Submitter(self._intake_urls, self.ledger, plan, per_second)
        return self.load(load, endless=count is None)

    def _intake_urls(self) -> list[str]:
        return [each.url for each in self.processes["intake"]]

    def write(self, count: int | None, per_second: float, recognition_every: int = 0) -> Writer:
        """Write events of applications past intake, in the background; see `submit`."""
        load = self.writer(applications(count, recognition_every), per_second)
        return self.load(load, endless=count is None)

    def writer(self, plan: Iterable[Planned], per_second: float) -> Writer:
        """Prepare to write events past intake; `load` begins it."""
        return Writer(self.addresses.kafka_bootstrap_servers, self.ledger, plan, per_second)

    def load(self, load: LoadT, *, endless: bool = False) -> LoadT:
        """Begin a load; an endless one ends when the run settles, and never gets far ahead."""
        self._loads.append(load)
        if endless:
            load.brake = Brake(lambda: self.progress.undone(self.processes))
            self._endless.append(load)
        load.start()
        return load

    def members(self, group: str) -> set[str]:
        """Return the ids of a consumer group's members; each gets a new id when it joins again."""
        return {each.member_id for each in self.kafka.members(group)}

    @property
    def is_loaded(self) -> bool:
        """Whether more is still being submitted."""
        return any(each.is_running for each in self._loads)

    @contextmanager
    def fault(self, seen_in: str) -> Iterator[None]:
        """Do harm inside; measure from its end to the first new effect of the service `seen_in`."""
        self.measured.faults += 1
        yield
        self.recover(seen_in, time.monotonic())

    def kill(self, process: ServiceProcess) -> None:
        """End an instance by SIGKILL; measure from then to the service's first new effect."""
        self.measured.faults += 1
        self.measured.crashes += 1
        killed_at = time.monotonic()
        process.kill()
        self.recover(_service_of(process), killed_at)

    def recover(self, service_name: str, since: float) -> None:
        """Wait for the first new effect of a service, and note how long it took since a moment.

        Where nothing is left to do there is nothing to measure.
        """
        before, look_again_at = None, since + _QUIET_CHECK_SECONDS
        while True:
            now, moment = self.progress.effects(service_name), time.monotonic()
            if None not in {now, before} and now != before:
                self.measured.recoveries.append(Recovery(service_name, moment - since))
                return
            before = now if before is None else before  # unknown while servers are down
            if moment > look_again_at:
                if not self.is_loaded and self.progress.undone(self.processes) == 0:
                    return
                look_again_at = moment + _QUIET_CHECK_SECONDS
            if moment > since + _RECOVERY_SECONDS:
                late = f"{service_name} did nothing new within {_RECOVERY_SECONDS:.0f} s"
                self.measured.complaints.append(late)
                return
            time.sleep(_POLL_SECONDS)

    def pause(self, shortest: float, longest: float) -> None:
        """Let the run go on for a while of random length."""
        time.sleep(self.random.uniform(shortest, longest))

    def measure(self, note: str) -> None:
        """Note a figure for the table."""
        self.measured.notes.append(note)

    def expect(self, what: object, otherwise: str) -> None:
        """Complain unless something holds that the scenario promises."""
        if not what:
            self.measured.complaints.append(otherwise)

    def eventually(
        self, what: Callable[[], bool], otherwise: str, seconds: float = _RECOVERY_SECONDS
    ) -> None:
        """Wait until a condition holds; complain if it does not in time."""
        self.expect(wait_until(what, seconds), otherwise)

    def settle(self) -> None:
        """Wait until all is submitted and nothing is left to do; complain if nothing moves."""
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
                self.measured.complaints.append(f"{least} things are left undone")
                return
            time.sleep(_SETTLE_POLL_SECONDS)

    def on_close(self, end: Callable[[], None]) -> None:
        """Have something ended together with the run."""
        self._closing.callback(end)

    def provide_topics(self) -> None:
        """Create intake's topics before any service does; needed where a load comes first."""
        servers = self.addresses.kafka_bootstrap_servers
        settings = KafkaSettings(bootstrap_servers=servers)
        asyncio.run(provide_topics(settings, [APPLICATIONS, CONTACTS]))

    def close(self) -> None:
        """End the loads and the looking on; the environment end by themselves."""
        for each in self._loads:
            each.stop()
        self._loads.clear()  # their clients would complain of servers that have gone
        self._endless.clear()
        del self.kafka
        self._closing.close()
        self.progress.close()

    def history(self) -> History:
        """Read back what came of it all."""
        topics = self.progress.topics()
        facts = [each for each in FACTS if each in topics]
        return History(
            services=frozenset(self.processes),
            accepted=tuple(self.ledger.accepted),
            events=published(self.kafka, facts, frozenset(self.ledger.poison_values)),
            kept=list(kept_decisions(self.progress.mongo)),
            notifications=list(kept_notifications(self.progress.mongo)),
            mails=list(self.read_mails()),
            dead_letters=list(dead_letters(self.kafka, dead_letter_topics(topics))),
            poison=dict(self.ledger.poison),
            past=frozenset(self.ledger.past),
        )


def _service_of(process: ServiceProcess) -> str:
    return process.name.rpartition("-")[0]
