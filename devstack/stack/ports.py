"""The port of each part, and whether it is free."""

import random
import socket
from collections.abc import Iterable, Mapping

from devstack.errors import StackError
from devstack.stack.processes import listener_on

LOCALHOST = "127.0.0.1"
# Below the ephemeral ports: an outgoing connection could take a program's port while it restarts.
FREE_PORTS = range(20_000, 32_768)


def port_setting(part: str) -> str:
    """Return the environment variable with the port of `part`."""
    return f"{part.upper().replace('-', '_')}_PORT"


def fixed_ports(defaults: Mapping[str, int], environment: Mapping[str, str]) -> dict[str, int]:
    """Return the port of each part: from the environment, or else the default.

    Raises `StackError` if a variable does not hold a port.
    """
    return {
        part: _port(port_setting(part), environment.get(port_setting(part), str(default)))
        for part, default in defaults.items()
    }


def free_ports(parts: Iterable[str]) -> dict[str, int]:
    """Choose a free port for each of `parts`."""
    candidates = random.SystemRandom().sample(FREE_PORTS, len(FREE_PORTS))
    free = (port for port in candidates if _is_free(port))
    return {part: next(free) for part in parts}


def require_free(ports: Mapping[str, int]) -> None:
    """Check that the port of every part is free.

    Raises `StackError` if a port is in use, or needs administrator rights.
    """
    for part, port in ports.items():
        others = [each for each in ports if each != part and ports[each] == port]
        if others:
            msg = f"Port {port} is set for both {part} and {others[0]}: change one of them."
            raise StackError(msg)
        _require_free(part, port)


def accepts_connections(port: int) -> bool:
    """Return whether a program listens on `port` of this machine."""
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
        # As servers do: a recently closed connection does not block the port.
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
