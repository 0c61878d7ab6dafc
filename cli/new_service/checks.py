"""What a new service may be called, and where it may listen."""

import keyword
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import typer

from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS
from devstack.servers.monitoring import MONITORING_PORTS
from devstack.servers.registration import registered_port
from devstack.servers.service import service_names
from devstack.stack.program import PROJECT

_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
_OTHER_PORTS: Final = {**INFRASTRUCTURE_PORTS, **MONITORING_PORTS}
# Hosts, databases and programs of the platform that are no services.
_TAKEN: Final = frozenset({*_OTHER_PORTS, "admin", "local", "config"})
_PORTS: Final = range(8010, 8100)


def checked_name(name: str) -> str:
    """Check the name of a new service; raises `typer.BadParameter` if it is none, or taken."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        msg = (
            "Must be one word of 2 to 20 small letters and digits that begins with a letter: it "
            f"names a Python package, a host, a consumer group and a database. {name!r} is not."
        )
        raise typer.BadParameter(msg)
    if name in service_names():
        msg = f"services/{name} exists. Choose another name."
        raise typer.BadParameter(msg)
    if name in _TAKEN:
        msg = f"{name} is the name of another part of the platform. Choose another name."
        raise typer.BadParameter(msg)
    return name


def free_port(wanted: int | None = None) -> int:
    """Return the wanted port, or the next one that no part of the platform has."""
    taken = {*_OTHER_PORTS.values(), *map(registered_port, service_names())}
    if wanted is not None and wanted not in taken:
        return wanted
    for port in range(wanted, 65_536) if wanted else _PORTS:
        if port not in taken:
            return port
    msg = f"Must be given: all ports from {_PORTS.start} to {_PORTS.stop - 1} are taken."
    raise typer.BadParameter(msg)


def check_nothing_exists(name: str, files: Iterable[Path], project: Path = PROJECT) -> None:
    """Check that no file would be replaced; raises `typer.BadParameter` if one would be."""
    own = [Path("services", name), Path("tests", name), Path("tests", f"{name}.py")]
    existing = [str(each) for each in [*own, *files] if (project / each).exists()]
    if existing:
        msg = f"{', '.join(existing)}: exists already. Choose another name, or remove it first."
        raise typer.BadParameter(msg)
