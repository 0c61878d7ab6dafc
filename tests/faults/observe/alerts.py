"""Alerts of a run: a Prometheus and an Alertmanager beside it, and the mails that they send."""

import mailbox
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from devstack.servers.monitoring import ON_CALL, monitoring
from devstack.stack.ports import LOCALHOST, free_ports
from tests.deploy.repository import PROMETHEUS, read_yaml
from tests.faults.observe.history import Mail
from tests.faults.observe.reading import mail
from tests.faults.observe.service_client import request
from tests.faults.run import Run

_OF_WEEKS = re.compile("^flow_weeks:|:median4w_")
_SILENT = frozenset({"none"})  # alerts of this severity are for nobody
_PEOPLE = frozenset({ON_CALL, "tickets@cppp.example"})
_FROM_ALERTMANAGER = b"\nfrom: alerts@cppp.example"


@dataclass(frozen=True)
class Alerts:
    """What Prometheus says, and whom Alertmanager has told; both have the files of `deploy/`."""

    run: Run
    prometheus: str

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire, but for those that are for nobody."""
        return {
            each["labels"]["alertname"]
            for each in self._data("alerts").get("alerts", ())
            if each["state"] == "firing" and each["labels"]["severity"] not in _SILENT
        }

    def mails(self) -> list[str]:
        """Return the subjects of the pages and tickets that were mailed, in any order."""
        box = mailbox.Maildir(self.run.addresses.maildir, create=False)
        return [str(each["Subject"]) for each in box if each["Delivered-To"] in _PEOPLE]

    def unrecorded(self) -> set[str]:
        """Return the recording rules that have no series."""
        return {each for each in _recorded() if not self._query(each)}

    def is_watching(self) -> bool:
        """Return whether every target is up, and Alertmanager is known."""
        targets = self._data("targets").get("activeTargets", ())
        known = self._data("alertmanagers").get("activeAlertmanagers", ())
        return bool(known and targets) and all(each["health"] == "up" for each in targets)

    def _query(self, name: str) -> Any:
        return self._data(f"query?query={name}").get("result", ())

    def _data(self, path: str) -> dict[str, Any]:
        _, _, answer = request(self.prometheus, f"/api/v1/{path}")
        return dict(answer.get("data", {}))


def _mails_of_services(run: Run) -> Iterator[Mail]:
    for path in (run.addresses.maildir / "new").iterdir():
        content = path.read_bytes()
        head = b"\n" + content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
        if _FROM_ALERTMANAGER not in head:
            yield mail(content)


def _recorded() -> Iterable[str]:
    """Return what rules record within minutes; tests/devstack/servers/test_flow.py has weeks."""
    for path in (PROMETHEUS / "rules").glob("*.yml"):
        for group in read_yaml(path)["groups"]:
            names = (rule["record"] for rule in group["rules"] if "record" in rule)
            yield from (each for each in names if not _OF_WEEKS.search(each))


def watched(run: Run) -> Alerts:
    """Start Prometheus and Alertmanager beside the services that run, one instance of each."""
    run.read_mails = lambda: _mails_of_services(run)
    services = {name: each[0].port for name, each in run.processes.items()}
    ports = {**run.stack.ports, **services, **free_ports(["prometheus", "alertmanager"])}
    for program in monitoring(run.stack.folder, ports):
        run.stack.add_program(program)
    alerts = Alerts(run, f"http://{LOCALHOST}:{ports['prometheus']}")
    run.expect_eventually(alerts.is_watching, "Prometheus does not watch every service")
    return alerts


def seconds_until(run: Run, condition: Callable[[], object], otherwise: str) -> float:
    """Wait for a condition, and return how long it took; record a complaint if it never holds."""
    started = time.monotonic()
    run.expect_eventually(lambda: bool(condition()), otherwise)
    return time.monotonic() - started
