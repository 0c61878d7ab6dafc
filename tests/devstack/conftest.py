"""Small stacks of real programs, and a Maven repository on this machine."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack.servers.jar_lock import Jar
from devstack.servers.mail_sink import mail_sink
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.program import PROJECT, Program
from devstack.stack.stack import Stack


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    return StackFolder(tmp_path / "a stack, its folder's name: 100%")


@pytest.fixture
def mail_stack(folder: StackFolder) -> Iterator[Stack]:
    """The smallest stack that does something: a mail sink."""
    ports = free_ports(["mail"])
    with Stack(folder, ports, [mail_sink(folder.maildir, ports)]) as stack:
        yield stack


@pytest.fixture
def sleeper() -> Program:
    """A program that does nothing for as long as it may."""
    code = "import time; print('good night', flush=True); time.sleep(600)"
    return Program("sleeper", (sys.executable, "-c", code), is_ready=lambda: True)


Front = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def front(folder: StackFolder) -> Iterator[Front]:
    """Start a process that runs a stack in `folder`, and wait until that is ready."""
    started: list[subprocess.Popen[str]] = []

    def start(*programs: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, PROJECT / "tests/devstack/front.py", folder.root, *programs],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        with process:
            process.kill()


class Repository:
    """A Maven repository: `wanted` counts how often each file was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wanted: list[str] = []

    def publish(self, name: str, content: bytes) -> Jar:
        """Put a jar there."""
        path = self.root / "org" / "example" / name / "1.0" / f"{name}-1.0.jar"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Jar(f"org.example:{name}:1.0", hashlib.sha256(content).hexdigest())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Be the Maven repository of this machine's user."""
    repository = Repository(tmp_path / "repository")

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *_: object) -> None:
            repository.wanted.append(self.path.rpartition("/")[2])

        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Handler, directory=str(repository.root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        use_repository(monkeypatch, tmp_path, server.server_port)
        yield repository
        server.shutdown()


def use_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: int) -> None:
    """Name it in the settings of jgo, where a company names its mirror."""
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\ncentral = http://127.0.0.1:{port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
