"""Where a run takes place: a stack of its own, and the addresses of what is in it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.program import Program
from devstack.stack.stack import Stack

PATIENCE_SECONDS = 600  # what shares its processors with a lot else may start slowly


@dataclass(frozen=True)
class Grounds:
    """A started stack with Kafka, MongoDB and a mail server, to which services are added."""

    stack: Stack
    addresses: Addresses


class NotPossibleError(Exception):
    """This machine cannot lay such a ground; the scenario is not played, which is told."""


Ground = Callable[[StackFolder], AbstractContextManager[Grounds]]


def patient(programs: Iterable[Program]) -> list[Program]:
    """Give these programs more time to become ready, and never give up one that is killed often."""
    return [
        replace(each, ready_seconds=PATIENCE_SECONDS, start_seconds=1, start_retries=1_000)
        for each in programs
    ]


@contextmanager
def one_of_each(folder: StackFolder) -> Iterator[Grounds]:
    """Lay the usual ground: one broker, one mongod, one mail sink."""
    ports = free_ports(INFRASTRUCTURE_PORTS)
    parts = infrastructure(folder, ports, show_download)
    with Stack(folder, ports, patient(parts)) as stack:
        yield Grounds(stack, local_addresses(ports, folder.maildir))


@contextmanager
def temporary(ground: Ground) -> Iterator[Grounds]:
    """Lay a ground in a folder that is gone afterwards."""
    with (
        TemporaryDirectory(prefix="cppp-faults-", ignore_cleanup_errors=True) as folder,
        ground(StackFolder(Path(folder))) as grounds,
    ):
        yield grounds
