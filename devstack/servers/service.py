"""The product's services, as programs."""

import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from devstack.servers.addresses import Addresses
from devstack.servers.registration import required_secrets
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST
from devstack.stack.program import PROJECT, Program

_OK = 200
_STOP_SECONDS = 10  # longer than a service takes to finish its batch in flight


def service_names() -> list[str]:
    """Return the names of all services: the folders in services/ that can be run."""
    return sorted(path.parent.name for path in PROJECT.glob("services/*/__main__.py"))


def own_settings(name: str, folder: StackFolder, project: Path = PROJECT) -> dict[str, str]:
    """Return the secrets of a service, which are stored in `folder`."""
    return {each: folder.secret(each.lower()) for each in required_secrets(name, project)}


def service(name: str, port: int, addresses: Addresses, settings: Mapping[str, str]) -> Program:
    """Return a service that listens on `port`, with these settings in its environment."""
    return Program(
        name=name,
        command=(sys.executable, "-m", f"services.{name}"),
        environment={
            **addresses.environment,
            "HTTP_HOST": LOCALHOST,
            "HTTP_PORT": str(port),
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, as in its image
            **settings,
        },
        is_ready=lambda: answers_ok(port, "/readyz"),
        stop_seconds=_STOP_SECONDS,
    )


def answers_ok(port: int, path: str) -> bool:
    """Return whether a program on this machine answers GET `path` with 200."""
    connection = HTTPConnection(LOCALHOST, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == _OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
