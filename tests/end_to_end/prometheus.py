"""The real Prometheus with the real rules, beside services that run already."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from devstack.servers.monitoring import DEPLOY, monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from tests.devstack.servers.alerts import short_times
from tests.waiting import eventually


@contextmanager
def watching(urls: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Watch these services, every second, while the block runs; yield the URL of Prometheus."""
    own = free_ports(["prometheus", "alertmanager"])
    ports = own | {name: int(url.rpartition(":")[2]) for name, url in urls.items()}
    deploy = short_times(DEPLOY, folder / "deploy")
    stack_folder = StackFolder(folder / "stack")
    [_alertmanager, prometheus] = monitoring(stack_folder, ports, deploy)
    with Stack(stack_folder, own, [prometheus]):
        url = f"http://127.0.0.1:{own['prometheus']}"
        up = 'sum(up{job!~"prometheus|alertmanager"})'
        eventually(lambda: values(url, up) == [len(urls)], within_seconds=60)
        yield url


def values(url: str, query: str) -> list[float]:
    """Return the values of all series in the answer."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}).raise_for_status()
    return [float(each["value"][1]) for each in answer.json()["data"]["result"]]
