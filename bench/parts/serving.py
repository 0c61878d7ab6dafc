"""Runs an HTTP server as a contender: a service or one of the other servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench.harness.contender import Contender
from bench.harness.installation import NotRunError, install_contender
from bench.harness.process import Process, process_running
from bench.harness.stack import BenchmarkStack
from devstack.servers.service import answers_ok
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.waiting import wait_until

_START_TIMEOUT_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and its HTTP port."""

    process: Process
    port: int


@contextmanager
def server_running(
    stack: BenchmarkStack, contender: Contender, settings: dict[str, str]
) -> Iterator[Server]:
    """Run a server; the block starts when it is ready.

    Raises:
        NotRunError: The server does not become ready.
    """
    install_contender(contender)
    port = free_ports(["http"])["http"]
    environment = {
        **stack.addresses.environment,
        "HTTP_HOST": LOCALHOST,
        "HTTP_PORT": str(port),
        **settings,
    }
    log_file = stack.folder / f"{contender.name}-{port}.log"
    with process_running(contender.command, environment, log_file) as process:
        if not wait_until(lambda: answers_ok(port, "/readyz"), _START_TIMEOUT_SECONDS):
            msg = f"{contender.name} does not become ready: {process.log_tail()}"
            raise NotRunError(msg)
        yield Server(process, port)
