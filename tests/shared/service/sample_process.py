"""A service without dependencies, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from devstack.stack.ports import free_ports
from tests.waiting import eventually

_PROGRAM = """
from contextlib import asynccontextmanager
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from shared.service.server import run

@asynccontextmanager
async def running(app):
    yield

run(lambda: create_app(Service("sample", Metrics("sample")), running), "sample", 0)
"""


@contextmanager
def sample_process(*before: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start it, with a command `before` it if one is given; yield it and where it answers."""
    port = free_ports(["HTTP"])["HTTP"]
    environment = os.environ | {"HTTP_PORT": str(port), "HTTP_HOST": "127.0.0.1"}
    command = [*before, sys.executable, "-c", _PROGRAM]
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603  # our own program
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: is_alive(url))
            yield process, url
        finally:
            process.kill()


def is_alive(url: str) -> bool:
    """Return whether a service says that it works."""
    try:
        return httpx.get(f"{url}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False
