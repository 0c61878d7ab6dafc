"""Whether the mail server can be used, and why not."""

import asyncio
from typing import Final

from services.notify.delivery.breaker import Breaker

UNREACHABLE: Final = "unreachable"
REFUSES: Final = "refuses"
NO_GREETING: Final = "no-greeting"
_PATIENCE_SECONDS: Final = 30.0
# Failures to connect in which no server has refused anything.
_NO_ANSWER: Final = frozenset({NO_GREETING, "timed-out", "connection-failed", ""})


class ServerStatus:
    """The mail server as seen by the attempts to connect to it and by its refusals."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._failure: str | None = None
        self._connecting_since: float | None = None

    def connecting(self) -> None:
        """Note that an attempt to connect begins."""
        self._connecting_since = self._connecting_since or asyncio.get_running_loop().time()

    def connected(self) -> None:
        """Note that an attempt to connect has succeeded."""
        self._failure, self._connecting_since = None, None

    def failed(self, failure: str) -> None:
        """Note that an attempt to connect has failed."""
        self._failure, self._connecting_since = failure, None

    @property
    def is_reachable(self) -> bool:
        """Return whether the last attempt to connect succeeded."""
        return self._failure is None

    async def is_usable(self) -> bool:
        """Return whether the server can be reached and takes mails from us."""
        return not self.kind

    @property
    def kind(self) -> str:
        """Return `unreachable` or `refuses`, or "" if the server is usable."""
        if self._failure is not None or self._is_silent():
            return UNREACHABLE if self.reason in _NO_ANSWER else REFUSES
        return REFUSES if self._breaker.reason else ""

    @property
    def reason(self) -> str:
        """Return the failed step with the server's code, or "" if the server is usable."""
        if self._failure is not None:
            return self._failure
        return NO_GREETING if self._is_silent() else self._breaker.reason

    def _is_silent(self) -> bool:
        since = self._connecting_since
        return since is not None and _now() - since > _PATIENCE_SECONDS


def _now() -> float:
    return asyncio.get_running_loop().time()
