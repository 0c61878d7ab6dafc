"""`cppp up` as a person uses it, with every service there is."""

import os
import subprocess
import sys

import httpx
import psutil
import pytest

from devstack.platform.platform import platform_parts
from devstack.servers.service import answers_ok, service_names
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports, port_setting
from devstack.stack.processes import belonging_to
from devstack.stack.program import PROJECT
from devstack.waiting import wait_until
from shared.events.content import ITEMS

pytestmark = pytest.mark.plays

SECONDS = 180
COMMAND = [sys.executable, "-m", "cli.main", "up", "--folder"]


@pytest.fixture
def ports():
    return free_ports(platform_parts(monitored=True))


@pytest.fixture
def environment(ports):
    return os.environ | {port_setting(part): str(port) for part, port in ports.items()}


@pytest.fixture
def folder(tmp_path):
    """A folder whose applications have been submitted before: `make demo` shows that."""
    folder = StackFolder(tmp_path / "var")
    folder.create()
    (folder.run / "samples-submitted").touch()
    return folder


@pytest.fixture
def up(folder, environment, tmp_path):
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [*COMMAND, folder.root], cwd=PROJECT, env=environment, stdout=said, stderr=said
        )
    yield process
    process.kill()
    process.wait()


@pytest.mark.timeout(400)
def test_a_run_is_there_once_mends_itself_and_stops_cleanly(
    up, folder, environment, ports, tmp_path
):
    def said():
        return (tmp_path / "said").read_text()

    assert wait_until(lambda: "The platform runs." in said() or up.poll(), SECONDS), said()
    assert f"http://127.0.0.1:{ports['intake']}/docs" in said()
    assert f"to {ITEMS.name}; unchanged: 0." in said()
    check_monitoring(ports, said())

    second = subprocess.run(  # noqa: S603 - our own command line
        [*COMMAND, folder.root],
        cwd=PROJECT,
        env=environment | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.stdout.startswith("Without monitoring and alerts: prometheus and prometheus-al")
    assert second.returncode == 1
    assert "It runs already" in second.stderr
    assert f"process {up.pid}" in second.stderr

    victims = [each for each in map(psutil.Process, belonging_to(folder.root)) if is_victim(each)]
    assert len(victims) == 1
    victims[0].kill()
    assert wait_until(lambda: "eligibility has ended and was started again" in said(), SECONDS)
    assert wait_until(lambda: answers_ok(ports["eligibility"], "/readyz"), SECONDS)

    up.terminate()
    assert up.wait(SECONDS) == 0
    assert said().endswith(f"Stopped. The data is in {folder.root}.\n")
    assert belonging_to(folder.root) == []


def is_victim(process):
    return "services.eligibility" in process.cmdline()


def check_monitoring(ports, said):
    prometheus = f"http://127.0.0.1:{ports['prometheus']}"
    assert f"{prometheus}/targets" in said
    assert wait_until(lambda: set(service_names()) <= scraped_by(prometheus), SECONDS)
    [alertmanager] = ask(prometheus, "alertmanagers")["activeAlertmanagers"]
    assert f":{ports['alertmanager']}/" in alertmanager["url"]


def ask(prometheus, what):
    return httpx.get(f"{prometheus}/api/v1/{what}").raise_for_status().json()["data"]


def scraped_by(prometheus):
    """Return the jobs whose metrics Prometheus has."""
    targets = ask(prometheus, "targets")["activeTargets"]
    return {each["labels"]["job"] for each in targets if each["health"] == "up"}
