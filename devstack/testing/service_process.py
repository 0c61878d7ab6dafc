"""A service of the product, run by a test as a separate process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from devstack.servers.addresses import Addresses
from devstack.servers.registration import is_registered
from devstack.servers.service import own_settings, service
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.program import PROJECT
from devstack.stack.stack import Stack


@dataclass(frozen=True)
class ServiceProcess:
    """A running service; `name` is unique in the test run."""

    name: str
    port: int
    _stack: Stack

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{LOCALHOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id, 0 while it does not run."""
        return self._stack.states()[self.name].pid

    def kill(self) -> None:
        """End it by SIGKILL, and wait until it is gone."""
        self._stack.kill(self.name)

    def terminate(self) -> None:
        """Ask it to stop by SIGTERM, and wait until it has; it is not restarted."""
        self._stack.stop_program(self.name)

    def start(self) -> None:
        """Start it again after it was stopped, and wait until it is ready."""
        self._stack.start_program(self.name)

    def pause(self) -> None:
        """Freeze it."""
        self._stack.pause(self.name)

    def resume(self) -> None:
        """Resume it after a pause."""
        self._stack.resume(self.name)

    def wait_ready(self) -> None:
        """Wait until it reports that it is ready.

        Raises `StackError` if it does not become ready in time.
        """
        self._stack.wait_ready(self.name)

    def log(self) -> str:
        """Return what it wrote."""
        return self._stack.log(self.name)


class ServiceProcesses:
    """Starts services inside a running stack, and remembers them."""

    def __init__(self, stack: Stack, addresses: Addresses) -> None:
        self._stack = stack
        self._addresses = addresses
        self._started = 0
        self._names: list[str] = []

    def start(
        self,
        name: str,
        environment: Mapping[str, str] | None = None,
        *,
        restart: bool = True,
        source: Path = PROJECT,
    ) -> ServiceProcess:
        """Start `services.<name>` on a free port and wait until it is ready.

        `environment` overrides the settings of the infrastructure; `restart` says whether
        supervisord restarts the service when it dies; `source` is the folder with its code, such
        as that of another release.

        Raises `StackError` if it does not become ready.
        """
        port = free_ports(["HTTP"])["HTTP"]
        registered = source if is_registered(name, source) else PROJECT
        settings = own_settings(name, self._stack.folder, registered) | dict(environment or {})
        self._started += 1
        program = replace(
            service(name, port, self._addresses, settings),
            name=f"{name}-{self._started}",
            folder=source,
            restart=restart,
            start_seconds=int(restart),  # a test may kill it soon
        )
        self._stack.add_program(program)
        self._names.append(program.name)
        return ServiceProcess(program.name, port, self._stack)

    def stop_all(self) -> None:
        """Stop every service started since the last call."""
        self._stack.remove_programs(*self._names)
        self._names.clear()
