"""A real Prometheus with the real rules, on weeks of samples that end now."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from devstack.servers.monitoring import DEPLOY, monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from tests.devstack.servers.alerts import short_times
from tests.waiting import eventually

_ITERATIONS = 'prometheus_rule_group_iterations_total{{rule_group=~".*;{group}"}}'
_ENOUGH = 4  # to record, to wait, to fire


class Weeks:
    """Answers of a Prometheus that watches nothing: it has only what was written before."""

    def __init__(self, url: str) -> None:
        self._url = url

    def wait_until_evaluated(self, group: str) -> None:
        """Wait until a group of rules was evaluated some times."""
        query = f"sum({_ITERATIONS.format(group=group)})"
        eventually(lambda: sum(self.values(query).values()) >= _ENOUGH, within_seconds=60)

    def values(self, query: str) -> dict[str, float]:
        """Return the values in the answer, by flow or objective."""
        result = self._data("query", query=query)["result"]
        return {_key(each["metric"]): float(each["value"][1]) for each in result}

    def alerts(self, name: str) -> list[dict[str, Any]]:
        """Return the alerts of that name, pending ones too."""
        found = self._data("alerts")["alerts"]
        return [each for each in found if each["labels"]["alertname"] == name]

    def _data(self, what: str, **parameters: str) -> Any:
        answer = httpx.get(f"{self._url}/api/v1/{what}", params=parameters)
        return answer.raise_for_status().json()["data"]


def _key(labels: dict[str, str]) -> str:
    return labels.get("objective", labels.get("flow", ""))


@contextmanager
def evaluating(folder: StackFolder, tmp_path: Path) -> Iterator[Weeks]:
    """Run Prometheus on what was written into its folder, with short times."""
    deploy = short_times(DEPLOY, tmp_path / "deploy")
    for each in (deploy / "prometheus" / "targets").glob("*.yml"):
        each.unlink()
    ports = free_ports(["prometheus", "alertmanager"])
    [_alertmanager, prometheus] = monitoring(folder, ports, deploy)
    with Stack(folder, ports, [prometheus]):
        yield Weeks(f"http://127.0.0.1:{ports['prometheus']}")
