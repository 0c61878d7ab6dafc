"""A service that is asked to stop exits with success."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from devstack.stack.ports import free_ports
from tests.waiting import eventually

PROGRAM = """
from contextlib import asynccontextmanager
from shared.metrics import Metrics
from shared.service.app import Service, create_app, run

@asynccontextmanager
async def running(app):
    yield

run(lambda: create_app(Service("sample", Metrics("sample")), running), "sample", 0)
"""


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_success(asked_by):
    port = free_ports(["HTTP"])["HTTP"]
    environment = os.environ | {"HTTP_PORT": str(port), "HTTP_HOST": "127.0.0.1"}
    service = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment)  # noqa: S603  # our own program
    eventually(lambda: _answers(port))

    service.send_signal(asked_by)

    assert service.wait(30) == 0


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez").is_success
    except httpx.TransportError:
        return False
