"""What a service says about itself."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from devstack.stack.ports import LOCALHOST
from devstack.testing.service_process import ServiceProcess

_SECONDS = 10


def get(process: ServiceProcess, path: str) -> str:
    """Ask a service over HTTP; nothing comes back while it does not answer."""
    connection = HTTPConnection(LOCALHOST, process.port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()


def waiting_for(process: ServiceProcess) -> list[str]:
    """Tell what a service says that it waits for."""
    answer: dict[str, Any] = json.loads(get(process, "/readyz") or "{}")
    return list(answer.get("waiting_for", ()))


def metric(process: ServiceProcess, name: str, *labels: str) -> float:
    """Add up a metric of a service, over all its series with these words in their labels."""
    lines = [each for each in get(process, "/metrics").splitlines() if each.startswith(f"{name}{{")]
    chosen = [each for each in lines if all(label in each for label in labels)]
    return sum(float(each.rpartition(" ")[2]) for each in chosen)
