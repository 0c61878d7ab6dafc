"""A running platform, as the benchmark sees it: its door, its mails, and its processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from bench.harness.installation import NotRunError
from bench.harness.machine import all_cores, pin_current_process
from bench.harness.process import Process, usage_of
from bench.harness.stack import BenchmarkStack, client_config
from bench.parts.platform.arrivals import Arrivals
from devstack.servers.addresses import Addresses
from devstack.stack.ports import LOCALHOST
from devstack.stack.tether import tie_to_parent
from devstack.waiting import wait_until

SERVICES: Final = ("intake", "eligibility", "recognition", "notify", "reconciliation")
_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_SINK: Final = "bench.parts.platform.sink_process"
_SINK_SECONDS: Final = 30
_STOP_SECONDS: Final = 60
# One client sends everything, so the limits for each client would be measured.
_SETTINGS: Final = {"intake": {"INTAKE_KEY_PER_MINUTE": "0", "INTAKE_ANONYMOUS_PER_MINUTE": "0"}}


@dataclass(frozen=True, slots=True)
class Running:
    """Infrastructure and services that run; `pids` are the processes that are measured."""

    stack: BenchmarkStack
    arrivals: Arrivals
    intake_port: int
    key: str
    pids: Mapping[str, int]

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time (user and system) of each process with its children so far."""
        return {name: usage_of(pid).cpu_seconds for name, pid in self.pids.items()}


@contextmanager
def platform_running(checkout: Path, services: Sequence[str] = SERVICES) -> Iterator[Running]:
    """Run infrastructure and services as that checkout starts them, and a sink for mails.

    Raises:
        NotRunError: The platform does not start.
    """
    pin_current_process(all_cores())  # earlier parts leave this process on some of them
    with (
        TemporaryDirectory(prefix="cppp-bench-") as name,
        _sink_running(Path(name)) as (sink, arrivals),
        _launched(checkout, Path(name), services, arrivals.port) as found,
        _connected(Path(name), found, arrivals, sink) as running,
    ):
        yield running


@contextmanager
def _connected(
    folder: Path, found: dict[str, Any], arrivals: Arrivals, sink: Process
) -> Iterator[Running]:
    smtp_url = f"smtp://{LOCALHOST}:{arrivals.port}"
    addresses = Addresses(found["kafka"], found["mongodb"], smtp_url, folder / "mails")
    admin = AdminClient(client_config(addresses.kafka_bootstrap_servers))
    pids = {**found["pids"], "sink": sink.pid}
    mongo: MongoClient[dict[str, Any]] = MongoClient(addresses.mongodb_url)
    with mongo:
        stack = BenchmarkStack(addresses, folder, admin, mongo)
        yield Running(stack, arrivals, found["intake_port"], found["key"], pids)


@contextmanager
def _sink_running(folder: Path) -> Iterator[tuple[Process, Arrivals]]:
    file = folder / "arrivals"
    sink = Process((sys.executable, "-m", _SINK, str(file)), {}, folder / "sink.log")
    try:
        arrivals = Arrivals(file)
        if not wait_until(lambda: _has_port(arrivals), _SINK_SECONDS):
            msg = f"the mail sink does not start: {sink.log_tail()}"
            raise NotRunError(msg)
        yield sink, arrivals
    finally:
        sink.stop()


def _has_port(arrivals: Arrivals) -> bool:
    arrivals.update()
    return bool(arrivals.port)


@contextmanager
def _launched(
    checkout: Path, folder: Path, services: Sequence[str], mail_port: int
) -> Iterator[dict[str, Any]]:
    asked = {
        "folder": str(folder / "stack"),
        "mail_port": mail_port,
        "services": list(services),
        "settings": _SETTINGS,
    }
    log_file = folder / "launcher.log"
    process = _start_launcher(checkout, asked, log_file)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            last = " | ".join(log_file.read_text(errors="replace").splitlines()[-4:])
            msg = f"the platform does not start: {last}"
            raise NotRunError(msg)
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.wait(_STOP_SECONDS)
        process.stdout.close()


def _start_launcher(
    checkout: Path, asked: Mapping[str, Any], log_file: Path
) -> "subprocess.Popen[bytes]":
    parent = os.getpid()
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        msg = f"{checkout} has no virtual environment: run `make venv` in it"
        raise NotRunError(msg)
    with log_file.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command line
            (str(python), "-P", str(_LAUNCHER), json.dumps(asked)),
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=lambda: tie_to_parent("TERM", parent),  # noqa: PLW1509 - no locks are held
        )
