"""The platform as Prometheus sees it, with traffic of all kinds, and what dashboards show of it."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from devstack.dashboards.asking import Prometheus, Window, panels_of
from devstack.servers.monitoring import DEPLOY, monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.stack import Stack
from devstack.testing.backfill import Period, Series, backfill
from tests.deploy.repository import read_yaml
from tests.end_to_end.platform import CONTACT, Platform, eligible_applications
from tests.factories import (
    a_record,
    application_body,
    project_completed,
    raw_record,
)

# What a panel shows if nothing is above 0: a query must find its series without that.
_OTHERWISE = re.compile(r" > 0 or on \(\) label_replace\(vector\(0\).*")
_WEEK = 7 * 86400
_SECONDS = re.compile(r"\b((?:scrape_|evaluation_)?interval|scrape_timeout): \d+[smh]")


@contextmanager
def prometheus_of(platform: Platform, second_notify: str, folder: Path) -> Iterator[Prometheus]:
    """Run Prometheus with the rules of `deploy/`, once a second; it watches two of notify."""
    ports = free_ports(["prometheus", "alertmanager"])
    services = {name: each.port for name, each in platform.services.items()}
    stack_folder = StackFolder(folder / "stack")
    stack_folder.create()
    deploy = _every_second(folder / "deploy")
    _watch("notify", second_notify, deploy)
    _write_weeks(stack_folder.data / "prometheus")
    programs = monitoring(stack_folder, {**ports, **services}, deploy)
    with Stack(stack_folder, ports, [each for each in programs if each.name == "prometheus"]):
        prometheus = Prometheus(f"http://{LOCALHOST}:{ports['prometheus']}")
        yield prometheus
        prometheus.close()


def _every_second(target: Path) -> Path:
    shutil.copytree(DEPLOY, target)
    for path in target.glob("prometheus/**/*.yml"):
        path.write_text(_SECONDS.sub(r"\1: 1s", path.read_text()))
    return target


def _write_weeks(storage: Path) -> None:
    """Write what rules have recorded at this hour of the last weeks."""
    flows = [
        Series(f"flow:events:increase{window}", lambda _: 40.0, {"flow": flow})
        for window in ("1h", "1d")
        for flow in ("accepted", "decided", "mailed")
    ]
    for weeks in range(1, 5):
        then = time.time() - weeks * _WEEK
        backfill(storage, flows, Period(then - 300, then + 600, 60))


def _watch(name: str, url: str, deploy: Path) -> None:
    path = deploy / "prometheus" / "targets" / f"{name}.yml"
    [watched] = read_yaml(path)
    address = url.removeprefix("http://")
    more = {"targets": [address], "labels": watched["labels"]}
    path.write_text(f"{path.read_text()}\n- {json.dumps(more)}\n")


def traffic(platform: Platform) -> None:
    """Submit, repeat, refuse, amend and rule."""
    ineligible = application_body("new-technology", connection={"ground": "1b"})
    [first, *_] = platform.submit(
        *eligible_applications(2), ineligible, application_body("recognition")
    )
    completed = a_record(project_completed(first), topic="casework.rulings.v1")
    platform.kafka.write(completed.topic, completed.value, completed.headers, key=completed.key)
    with httpx.Client(base_url=platform.url("intake"), timeout=30) as client:
        _requests(client, first)


def dead_letter(platform: Platform) -> None:
    """Write what no service can read."""
    bad = raw_record(b"{", [("ce_type", b"ApplicationSubmitted")], key=uuid4().bytes)
    platform.kafka.write(bad.topic, bad.value, bad.headers, key=bad.key)


def _requests(client: httpx.Client, application_id: str) -> None:
    body = {"application": application_body("new-technology"), "contact": CONTACT}
    key = {"Idempotency-Key": str(uuid4())}
    for status, answer in (
        (202, client.post("/v1/applications", json=body, headers=key)),
        (202, client.post("/v1/applications", json=body, headers=key)),
        (422, client.post("/v1/applications", json={}, headers={"Idempotency-Key": str(uuid4())})),
        (202, _changed(client, application_id, body)),
    ):
        assert answer.status_code == status, answer.text


def _changed(client: httpx.Client, application_id: str, body: dict[str, Any]) -> httpx.Response:
    key = {"Idempotency-Key": str(uuid4())}
    return client.put(f"/v1/applications/{application_id}", json=body, headers=key)


@dataclass
class Unanswered:
    """What no number has answered yet: panels with their queries, variables, marks and rules."""

    prometheus: Prometheus
    began: float = field(default_factory=time.time)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._asked = {**dict(_queries()), **dict(_rules())}
        self._variables = dict(_variables())
        self.names |= self._asked.keys() | self._variables.keys()

    def ask(self) -> set[str]:
        """Ask again what is unanswered; return what still is."""
        window = Window(self.began, time.time(), scrape_seconds=1)
        for name in [*self.names]:
            if name in self._variables:
                answered = self.prometheus.has_label(self._variables[name])
            else:
                answered = bool(self.prometheus.answers(self._asked[name], window))
            if answered:
                self.names.remove(name)
        return self.names


def _dashboards() -> Iterator[dict[str, Any]]:
    for path in sorted(DEPLOY.glob("grafana/dashboards/*.json")):
        yield json.loads(path.read_text())


def _queries() -> Iterator[tuple[str, dict[str, Any]]]:
    for dashboard in _dashboards():
        for panel in panels_of(dashboard):
            for target in panel["targets"]:
                yield (
                    f"{dashboard['title']} / {panel['title']} / {target['refId']}",
                    {
                        **target,
                        "expr": _OTHERWISE.sub("", target["expr"]),
                    },
                )
        for mark in dashboard["annotations"]["list"]:
            yield f"{dashboard['title']} / {mark['name']}", mark


def _variables() -> Iterator[tuple[str, str]]:
    for dashboard in _dashboards():
        for each in dashboard["templating"]["list"]:
            if each["type"] == "query":
                yield f"{dashboard['title']} / ${each['name']}", each["query"]


def _rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(DEPLOY.glob("prometheus/rules/*.yml")):
        for group in read_yaml(path)["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    labels = [f'{name}="{value}"' for name, value in rule.get("labels", {}).items()]
                    recorded = f"{rule['record']}{{{','.join(labels)}}}"
                    yield f"{path.name} / {recorded}", {"expr": recorded}
