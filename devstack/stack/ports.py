"""Which port belongs to which part, and whether it is free."""

import random
import socket
from collections.abc import Iterable, Mapping

from devstack.errors import StackError
from devstack.stack.processes import listener_on

LOCALHOST = "127.0.0.1"
DEFAULT_PORTS: Mapping[str, int] = {
    "portal": 8000,
    "intake": 8001,
    "eligibility": 8002,
    "recognition": 8003,
    "notify": 8004,
    "casework": 8005,
    "reconciliation": 8006,
    "lag": 8009,
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
    "mail": 1025,
}
_FURTHER_PORTS = range(8010, 8100)
# Below the ports that the system gives to outgoing connections: one of those could take the
# port of a program while it restarts.
FREE_PORTS = range(20_000, 32_768)


def port_setting(part: str) -> str:
    """Name the environment variable that moves `part` to another port."""
    return f"{part.upper().replace('-', '_')}_PORT"


def fixed_ports(parts: Iterable[str], environment: Mapping[str, str]) -> dict[str, int]:
    """Return the port of each of `parts`: that of the environment, or else the design's.

    A service that the design does not know gets one of the ports from 8010 on.

    Raises:
        StackError: A variable does not hold a port.
    """
    further = iter(_FURTHER_PORTS)
    defaults = {part: DEFAULT_PORTS.get(part) or next(further) for part in parts}
    return {
        part: _port(port_setting(part), environment.get(port_setting(part), str(default)))
        for part, default in defaults.items()
    }


def free_ports(parts: Iterable[str]) -> dict[str, int]:
    """Choose a port for each of `parts` on which nothing listens now."""
    candidates = random.SystemRandom().sample(FREE_PORTS, len(FREE_PORTS))
    free = (port for port in candidates if _is_free(port))
    return {part: next(free) for part in parts}


def require_free(ports: Mapping[str, int]) -> None:
    """Check that every part can have its port.

    Raises:
        StackError: A port is taken, or needs rights that this user does not have.
    """
    for part, port in ports.items():
        others = [each for each in ports if each != part and ports[each] == port]
        if others:
            msg = f"Port {port} is given to {part} and {others[0]}: choose another for one of them."
            raise StackError(msg)
        _require_free(part, port)


def accepts_connections(port: int) -> bool:
    """Tell whether somebody listens on `port` of this machine."""
    try:
        socket.create_connection((LOCALHOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _port(variable: str, text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65_536:  # noqa: PLR2004 - ports are 16 bits
        return int(text)
    msg = f"{variable} must be a port between 1 and 65535, not {text!r}."
    raise StackError(msg)


def _bind(port: int) -> None:
    with socket.socket() as listener:
        # As servers do: a connection that has just been closed does not keep the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOCALHOST, port))


def _is_free(port: int) -> bool:
    try:
        _bind(port)
    except OSError:
        return False
    return True


def _require_free(part: str, port: int) -> None:
    other = f"{port_setting(part)}={port + 10_000 if port < 50_000 else port - 10_000}"  # noqa: PLR2004 - any other port
    try:
        _bind(port)
    except PermissionError as error:
        msg = f"Port {port} for {part} needs administrator rights: choose another one, e.g. {other}"
        raise StackError(msg) from error
    except OSError as error:
        msg = (
            f"Port {port} for {part} is in use by {listener_on(port)}: "
            f"stop that, or choose another port, e.g. {other}"
        )
        raise StackError(msg) from error
