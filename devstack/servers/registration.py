"""What a service's folder says about it: `services/NAME/compose.yml` is its registration.

A service exists because its folder does. Nothing else lists services.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from devstack.errors import StackError
from devstack.stack.ports import LOCALHOST, port_setting
from devstack.stack.program import PROJECT

COMPOSE_FILE = "compose.yml"
_PUBLISHED = r"127\.0\.0\.1:\$\{%s:-(\d+)\}:\1"
_REQUIRED = re.compile(r"\$\{(\w+):\?")
_ANOTHER = re.compile(r"(?:\$\{\w+:-)?http://[a-z0-9.-]+:(?:\$\{\w+:-)?(\d+)\}*")


def registered_port(name: str, project: Path = PROJECT) -> int:
    """Return the port on which a service listens unless its environment says otherwise.

    Raises `StackError` if its compose file does not publish exactly that one.
    """
    pattern = _PUBLISHED % re.escape(port_setting(name))
    published = _registration(name, project).get("ports", [])
    if len(published) != 1 or not (found := re.fullmatch(pattern, str(published[0]))):
        example = f"127.0.0.1:${{{port_setting(name)}:-8010}}:8010"
        msg = f'services/{name}/{COMPOSE_FILE}: ports must be one, such as ["{example}"].'
        raise StackError(msg)
    return int(found[1])


def is_registered(name: str, project: Path) -> bool:
    """Return whether a service has a registration there; releases before it was invented do not."""
    return (project / "services" / name / COMPOSE_FILE).exists()


def required_secrets(name: str, project: Path = PROJECT) -> list[str]:
    """Return the settings without a default: each installation needs its own value."""
    environment = _registration(name, project).get("environment", {})
    return [found[1] for value in environment.values() if (found := _REQUIRED.match(str(value)))]


def addresses_of_others(
    name: str, ports: Mapping[str, int], project: Path = PROJECT
) -> dict[str, str]:
    """Return the settings of a service that are addresses of other services, with these ports.

    In its compose file their values are like `http://eligibility:8002`, with the registered port.
    """
    registered = {registered_port(e, project): e for e in ports if is_registered(e, project)}
    environment = _registration(name, project).get("environment", {})
    found = {key: _ANOTHER.fullmatch(str(value)) for key, value in environment.items()}
    others = {key: registered.get(int(each[1])) for key, each in found.items() if each}
    return {key: f"http://{LOCALHOST}:{ports[e]}" for key, e in others.items() if e is not None}


@cache
def _registration(name: str, project: Path) -> dict[str, Any]:
    """Read a service's entry; raises `StackError` if it has none."""
    path = project / "services" / name / COMPOSE_FILE
    try:
        entry: dict[str, Any] = yaml.safe_load(path.read_text())["services"][name]
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        msg = (
            f"services/{name}/{COMPOSE_FILE} must have an entry `{name}` "
            f"({type(error).__name__}): compare it with that of another service."
        )
        raise StackError(msg) from error
    return entry
