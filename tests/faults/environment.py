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
class Environment:
    """A started stack with Kafka, MongoDB and a mail server, to which services are added."""

    stack: Stack
    addresses: Addresses


class NotPossibleError(Exception):
    """This machine cannot provide the environment; the table reports the scenario as not run."""


EnvironmentFactory = Callable[[StackFolder], AbstractContextManager[Environment]]


def patient(programs: Iterable[Program]) -> list[Program]:
    """Give these programs more time to become ready, and never give up one that is killed often."""
    return [
        replace(each, ready_seconds=PATIENCE_SECONDS, start_seconds=1, start_retries=1_000)
        for each in programs
    ]


@contextmanager
def one_of_each(folder: StackFolder) -> Iterator[Environment]:
    """Set up the usual environment: one broker, one mongod, one mail sink."""
    ports = free_ports(INFRASTRUCTURE_PORTS)
    parts = infrastructure(folder, ports, show_download)
    with Stack(folder, ports, patient(parts)) as stack:
        yield Environment(stack, local_addresses(ports, folder.maildir))


@contextmanager
def temporary(factory: EnvironmentFactory) -> Iterator[Environment]:
    """Set up an environment in a folder that is deleted afterwards."""
    with (
        TemporaryDirectory(prefix="cppp-faults-", ignore_cleanup_errors=True) as folder,
        factory(StackFolder(Path(folder))) as environment,
    ):
        yield environment
