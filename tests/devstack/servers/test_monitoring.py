"""Prometheus and Alertmanager with the files of `deploy/`: a service dies, and a mail says so."""

import mailbox
import shutil
import sys

import httpx
import pytest

from devstack.servers.mail_sink import mail_sink
from devstack.servers.monitoring import DEPLOY, ON_CALL, monitoring, why_no_monitoring
from devstack.stack.ports import free_ports
from devstack.stack.processes import belonging_to
from devstack.stack.program import Program
from devstack.stack.stack import Stack
from tests.waiting import eventually

pytestmark = pytest.mark.plays

SERVE_METRICS = """
import sys, time
from prometheus_client import start_http_server
start_http_server(int(sys.argv[1]), addr="127.0.0.1")
time.sleep(600)
"""
# Seconds instead of minutes. What is told, and to whom, stays as it is.
QUICKER = {
    "prometheus/prometheus.yml": [
        ("scrape_interval: 5s", "scrape_interval: 1s"),
        ("scrape_timeout: 4s", "scrape_timeout: 1s"),
        ("evaluation_interval: 15s", "evaluation_interval: 1s"),
    ],
    "prometheus/rules/delivery.yml": [("for: 1m", "for: 1s")],
    "alertmanager/alertmanager.yml": [
        ("group_wait: 10s", "group_wait: 1s"),
        ("group_interval: 1m", "group_interval: 1s"),
    ],
}


@pytest.fixture
def quick_deploy(tmp_path):
    """The files of `deploy/`, with short times."""
    copied = shutil.copytree(DEPLOY, tmp_path / "deploy")
    for name, changes in QUICKER.items():
        text = (copied / name).read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (copied / name).write_text(text)
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


def mails_to(folder, address: str, subject: str) -> list[str]:
    """Return the texts of the mails to an address with this subject."""
    box = mailbox.Maildir(folder.maildir, create=False)
    mails = [each for each in box if each["Delivered-To"] == address]
    return [text_of(each) for each in mails if each["Subject"] == subject]


def text_of(mail) -> str:
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/plain"]
    return part.get_payload(decode=True).decode()


def test_what_is_missing_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr("devstack.setup_debian.shutil.which", lambda _name: None)

    assert why_no_monitoring() == (
        "prometheus and prometheus-alertmanager must be installed: on Debian and Ubuntu with "
        "`apt-get install --no-install-recommends prometheus prometheus-alertmanager`, elsewhere "
        "so that prometheus, promtool, alertmanager and amtool are on the PATH."
    )
