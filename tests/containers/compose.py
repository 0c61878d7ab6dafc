"""The compose files, run as a user would: a separate project on free ports."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from docker import DockerClient
from docker.models.containers import Container

from devstack.compose_files import compose_files
from devstack.stack.ports import LOCALHOST, free_ports, port_setting

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/__main__.py"))
PUBLISHED = (*SERVICES, "kafka", "mongodb", "mail-web", "prometheus", "alertmanager")
LOG_LINES = "60"
_COMMAND_SECONDS = 600


class ComposeError(Exception):
    """A command of `docker compose` failed; the message contains its output."""


@dataclass(frozen=True)
class Platform:
    """All containers of the compose files in `root`, in one project."""

    docker: DockerClient
    project: str
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    root: Path

    def url(self, name: str) -> str:
        """The address of a container's published port, without a slash at the end."""
        return f"http://{LOCALHOST}:{self.ports[name]}"

    def compose(self, *arguments: str, files: Sequence[str] | None = None) -> str:
        """Run `docker compose` on these files, by default on all of them; return its output."""
        named = compose_files(self.root) if files is None else files
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments of the tests
            [
                *("docker", "compose", "--project-name", self.project),
                *(part for each in named for part in ("--file", str(self.root / each))),
                *("--env-file", os.devnull, *arguments),
            ],
            env=os.environ | self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
        )
        if done.returncode:
            msg = (
                f"docker compose {' '.join(arguments)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
            )
            raise ComposeError(msg)
        return done.stdout

    def containers(self) -> dict[str, Container]:
        """Return the current container of each entry of the file."""
        label = "com.docker.compose"
        found = self.docker.containers.list(
            all=True, filters={"label": f"{label}.project={self.project}"}
        )
        return {each.labels[f"{label}.service"]: each for each in found}

    def health(self, name: str) -> str:
        """Return `healthy`, `unhealthy`, `starting`, or why the container does not run."""
        state = self.containers()[name].attrs["State"]
        return str(state["Health"]["Status"] if state["Running"] else state["Status"])

    def crash(self, service: str) -> None:
        """Kill a service's process from inside its container, so that Docker restarts it."""
        kill_all = "import os, signal; os.kill(-1, signal.SIGKILL)"
        self.containers()[service].exec_run(["python", "-c", kill_all])

    def logs(self) -> str:
        """Return the last lines of every container."""
        return self.compose("logs", "--no-color", "--tail", LOG_LINES)


@contextmanager
def running_platform(docker: DockerClient, root: Path) -> Iterator[Platform]:
    """Build and start all containers, wait until they are healthy, and remove them at the end.

    `root` is a copy of this project, to which a test may add a service.
    """
    ports = free_ports(PUBLISHED)
    settings = {port_setting(name): str(port) for name, port in ports.items()}
    # An SMTP_URL in the developer's environment must not receive the mails of the tests.
    settings |= {"INTAKE_ID_SECRET": token_hex(), "SMTP_URL": ""}
    platform = Platform(docker, f"cppp-test-{token_hex(4)}", settings, ports, root)
    try:
        try:
            platform.compose("up", "--build", "--wait", "--wait-timeout", "240")
        except ComposeError as error:
            msg = f"{error}\n{platform.logs()}"
            raise ComposeError(msg) from error
        yield platform
    finally:
        platform.compose(
            "down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "5"
        )
