"""Rate limits by client, so that one client cannot slow down the others."""

import time
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address
from math import ceil
from typing import Final

from shared.http.problems import Problem

_MINUTE: Final = 60.0
_CLIENTS_AT_MOST: Final = 50_000
_NETWORK_BITS: Final = 64
_ROUNDING: Final = 1e-6


def too_many_requests(limit_per_minute: int, wait_seconds: int, advice: str = "") -> Problem:
    """Return the problem for a client over its rate limit; `advice` says what else to do."""
    detail = (
        f"The limit of {limit_per_minute} requests per minute is exceeded; this request was not "
        "processed. Send it again after the time in Retry-After, and send fewer requests per "
        f"minute. {advice}"
    )
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        detail.rstrip(),
        more={"limit_per_minute": limit_per_minute},
        headers={"Retry-After": str(wait_seconds)},
    )


class RateLimit:
    """An allowance for each client that refills steadily; a burst may use a whole minute's.

    Covers this process only. Memory is bounded: of very many clients the least recent are
    forgotten. There is no limit if `per_minute` is 0.
    """

    def __init__(
        self, per_minute: int, now: Callable[[], float] = time.monotonic, advice: str = ""
    ) -> None:
        self.per_minute = per_minute
        self._advice = advice
        self._interval = _MINUTE / per_minute if per_minute else 0.0
        self._now = now
        # When a client's allowance will be full again: the generic cell rate algorithm.
        self._used_until: dict[str, float] = {}

    def take(self, client: str) -> None:
        """Use one request of the client's allowance; raises `Problem` with the time to wait."""
        if not self.per_minute:
            return
        wait = self._wait(client, 1)
        if wait:
            raise too_many_requests(self.per_minute, ceil(wait), self._advice)
        self._use(client, 1)

    def reserve(self, client: str, count: int) -> float:
        """Use several requests of the allowance in advance; return the seconds to wait first."""
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
    """Return the network to limit: an IPv6 client has a whole network of 64 bits.

    An IPv4 address that a proxy writes as `::ffff:192.0.2.1` is that client's, as without it.
    """
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{int(found) >> _NETWORK_BITS:x}::/64"
