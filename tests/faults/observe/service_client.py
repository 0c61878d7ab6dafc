"""What a service reports over HTTP, and how much memory it uses."""

import json
from collections.abc import Mapping, Sequence
from email.message import Message
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import psutil

from devstack.testing.service_process import ServiceProcess

_GET_SECONDS = 5.0
_POST_SECONDS = 30.0
_METRICS_SECONDS = 10.0


def request(
    url: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    timeout_seconds: float | None = None,
) -> tuple[int, Message, Any]:
    """Send a GET, or a POST if there is a body; return status, headers and content.

    The status is 0 if there is no response. Content that is not JSON is returned as text.
    """
    timeout = timeout_seconds or (_POST_SECONDS if body else _GET_SECONDS)
    connection = HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request("POST" if body else "GET", path, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, _content(answer.read())
    except (OSError, HTTPException):
        return 0, Message(), {}
    finally:
        connection.close()


def _content(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode(errors="replace")


def waiting_for(process: ServiceProcess) -> Sequence[str]:
    """Return which checks of a service's `/readyz` fail."""
    _, _, answer = request(process.url, "/readyz")
    found: Sequence[str] = answer.get("waiting_for", ())
    return found


def metric(process: ServiceProcess, name: str, *labels: str) -> float:
    """Sum a metric over all its series that contain these labels."""
    _, _, text = request(process.url, "/metrics", timeout_seconds=_METRICS_SECONDS)
    lines = [each for each in str(text).splitlines() if each.startswith(f"{name}{{")]
    chosen = [each for each in lines if all(label in each for label in labels)]
    return sum(float(each.rpartition(" ")[2]) for each in chosen)


def resident_megabytes(process: ServiceProcess) -> int:
    """Return how much memory a service uses; 0 while it is not running."""
    try:
        return int(psutil.Process(process.pid or -1).memory_info().rss) // 1_000_000
    except (psutil.Error, ValueError):
        return 0
