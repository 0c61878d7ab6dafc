"""How much each client may send in a minute: what others send is answered as if it were alone."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from math import ceil
from typing import Final

from services.intake.http.problems import too_many_requests

_MINUTE: Final = 60.0
_CLIENTS_AT_MOST: Final = 50_000
_NETWORK_BITS: Final = 64
_ROUNDING: Final = 1e-6


class RateLimit:
    """An allowance for each client, which refills steadily; a whole minute's may come at once.

    Knows this process only. Of very many clients those are forgotten that were away the longest,
    so the memory is bounded. Without limit if `per_minute` is 0.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._interval = _MINUTE / per_minute if per_minute else 0.0
        self._now = now
        # Until when a client's allowance is used up: the generic cell rate algorithm.
        self._used_until: dict[str, float] = {}

    def take(self, client: str) -> None:
        """Take one of the client's allowance; raises the problem that says when there is one."""
        if not self.per_minute:
            return
        wait = self._wait(client, 1)
        if wait:
            raise too_many_requests(self.per_minute, ceil(wait))
        self._use(client, 1)

    def owe(self, client: str, count: int) -> float:
        """Take so many whether there are any or not; returns the seconds to wait before using."""
        if not self.per_minute:
            return 0.0
        wait = self._wait(client, count)
        self._use(client, count)
        return wait

    def _wait(self, client: str, count: int) -> float:
        now = self._now()
        used_until = max(now, self._used_until.get(client, now))
        wait = used_until + count * self._interval - now - _MINUTE
        return wait if wait > _ROUNDING else 0.0

    def _use(self, client: str, count: int) -> None:
        now = self._now()
        used_until = max(now, self._used_until.pop(client, now))
        self._used_until[client] = used_until + count * self._interval  # the latest at the end
        if len(self._used_until) > _CLIENTS_AT_MOST:
            del self._used_until[next(iter(self._used_until))]


def network_of(address: str) -> str:
    """Tell whose address it is: of IPv6 everybody has a whole network of 64 bits."""
    if ":" not in address:
        return address
    try:
        number = int(ip_address(address.partition("%")[0]))
    except ValueError:
        return address
    return f"{number >> _NETWORK_BITS:x}::/64"
