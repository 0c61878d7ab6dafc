"""The servers of a run: its own stack, and their addresses."""

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

READY_SECONDS = 600  # programs start slowly on a busy machine


@dataclass(frozen=True)
class Environment:
    """A started stack with Kafka, MongoDB and a mail server, to which services are added."""

    stack: Stack
    addresses: Addresses


class NotPossibleError(Exception):
    """This machine cannot provide the environment; the table reports the scenario as not run."""


EnvironmentFactory = Callable[[StackFolder], AbstractContextManager[Environment]]


def with_long_timeouts(programs: Iterable[Program]) -> list[Program]:
    """Give programs more time to start, and restart them without limit."""
    return [
        replace(each, ready_seconds=READY_SECONDS, start_seconds=1, start_retries=1_000)
        for each in programs
    ]


@contextmanager
def default_environment(folder: StackFolder) -> Iterator[Environment]:
    """Start the default environment: one broker, one mongod, one mail sink."""
    ports = free_ports(INFRASTRUCTURE_PORTS)
    programs = infrastructure(folder, ports, show_download)
    with Stack(folder, ports, with_long_timeouts(programs)) as stack:
        yield Environment(stack, local_addresses(ports, folder.maildir))


@contextmanager
def temporary(factory: EnvironmentFactory) -> Iterator[Environment]:
    """Start an environment in a folder that is deleted afterwards."""
    with (
        TemporaryDirectory(prefix="cppp-faults-", ignore_cleanup_errors=True) as folder,
        factory(StackFolder(Path(folder))) as environment,
    ):
        yield environment
