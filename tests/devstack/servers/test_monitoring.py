"""Prometheus and Alertmanager with the files of `deploy/`: a service dies, and a mail says so."""

import sys

import httpx
import pytest

from devstack.servers.mail_sink import mail_sink
from devstack.servers.monitoring import DEPLOY, ON_CALL, monitoring, why_no_monitoring
from devstack.stack.ports import free_ports
from devstack.stack.processes import belonging_to
from devstack.stack.program import Program
from devstack.stack.stack import Stack
from tests.devstack.servers.alerts import mails_to, short_times
from tests.waiting import eventually

pytestmark = pytest.mark.plays

SERVE_METRICS = """
import sys, time
from prometheus_client import start_http_server
start_http_server(int(sys.argv[1]), addr="127.0.0.1")
time.sleep(600)
"""


@pytest.fixture
def quick_deploy(tmp_path):
    """The files of `deploy/`, with short times, for one service."""
    copied = short_times(DEPLOY, tmp_path / "deploy")
    for each in (copied / "prometheus" / "targets").glob("*.yml"):
        if each.stem != "eligibility":
            each.unlink()
    return copied


@pytest.mark.timeout(120)
def test_a_service_that_dies_is_told_by_mail_and_so_is_its_return(folder, quick_deploy):
    ports = free_ports(["mail", "prometheus", "alertmanager", "eligibility"])
    service = Program(
        "eligibility",
        (sys.executable, "-c", SERVE_METRICS, str(ports["eligibility"])),
        is_ready=lambda: True,
    )
    sink = mail_sink(folder.maildir, ports)
    with Stack(folder, ports, [sink, service, *monitoring(folder, ports, quick_deploy)]) as stack:
        # An alert that fires before Prometheus knows Alertmanager is sent a minute later.
        eventually(lambda: knows_alertmanager(ports["prometheus"]))
        stack.stop_program("eligibility")
        [told] = eventually(
            lambda: mails_to(folder, ON_CALL, "Page: ConsumerGone of eligibility"),
            within_seconds=60,
        )
        stack.start_program("eligibility")
        eventually(
            lambda: mails_to(folder, ON_CALL, "Resolved: ConsumerGone of eligibility"),
            within_seconds=60,
        )

    assert "eligibility does not respond, or has no partitions." in told
    assert "Action:      Check that it runs" in told
    assert "docs/runbooks/services.md#consumergone" in told
    assert f"http://127.0.0.1:{ports['prometheus']}/" in told
    assert belonging_to(folder.root) == []


def knows_alertmanager(port: int) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/alertmanagers")
    return bool(answer.raise_for_status().json()["data"]["activeAlertmanagers"])


def test_what_is_missing_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr("devstack.setup_debian.shutil.which", lambda _name: None)

    assert why_no_monitoring() == (
        "prometheus and prometheus-alertmanager must be installed: on Debian and Ubuntu with "
        "`apt-get install --no-install-recommends prometheus prometheus-alertmanager`, elsewhere "
        "so that prometheus, promtool, alertmanager and amtool are on the PATH."
    )
