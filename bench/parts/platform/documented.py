"""Runs the pipeline that the documentations show, on the infrastructure of this checkout."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Final

from bench.harness.contender import CONTENDERS_FOLDER, virtual_environment
from bench.harness.installation import NotRunError, install_environment
from bench.harness.process import Process
from bench.parts.platform.running import Running, platform_running
from devstack.servers.service import answers_ok
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.program import PROJECT
from devstack.waiting import wait_until

NAME: Final = "documented"
DATABASE: Final = "bench-documented"
TOPICS: Final = ("bench.documented.eligibility", "bench.documented.recognition")
_APPLICATIONS: Final = "bench.documented.applications"
_FOLDER: Final = CONTENDERS_FOLDER / NAME
# Under the names of the services that do the same work.
_PROGRAMS: Final = {
    "intake": "api.py",
    "eligibility": "eligibility.py",
    "recognition": "recognition.py",
    "notify": "notifier.py",
}
_START_SECONDS: Final = 60


@contextmanager
def documented_running() -> Iterator[Running]:
    """Run the infrastructure, and the four programs.

    Raises:
        NotRunError: They cannot be installed, or do not start.
    """
    install_environment(_FOLDER / "requirements.lock", virtual_environment(NAME))
    with platform_running(PROJECT, ()) as infrastructure, ExitStack() as contexts:
        infrastructure.stack.create_output_topics(_APPLICATIONS, *TOPICS)
        port = free_ports(["http"])["http"]
        environment = _environment(infrastructure, port)
        started = {
            name: contexts.enter_context(_program(infrastructure, script, environment))
            for name, script in _PROGRAMS.items()
        }
        _wait_until_ready(started["intake"], port)
        pids = {name: each.pid for name, each in started.items()}
        yield replace(infrastructure, intake_port=port, pids={**infrastructure.pids, **pids})


def _environment(infrastructure: Running, port: int) -> dict[str, str]:
    return {
        **infrastructure.stack.addresses.environment,
        "SMTP_PORT": str(infrastructure.arrivals.port),
        "HTTP_HOST": LOCALHOST,
        "HTTP_PORT": str(port),
    }


@contextmanager
def _program(
    infrastructure: Running, script: str, environment: dict[str, str]
) -> Iterator[Process]:
    python = virtual_environment(NAME) / "bin" / "python"
    log_file = infrastructure.stack.folder / f"{script}.log"
    process = Process((str(python), str(_FOLDER / script)), environment, log_file)
    try:
        yield process
    finally:
        process.stop()


def _wait_until_ready(api: Process, port: int) -> None:
    if not wait_until(lambda: answers_ok(port, "/readyz"), _START_SECONDS):
        msg = f"the pipeline does not start: {api.log_tail()}"
        raise NotRunError(msg)
