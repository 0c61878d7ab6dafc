"""Looks at the database that end nothing, whatever they find."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from shared.error_fields import error_fields
from shared.errors import TransientError

log = structlog.get_logger()
T = TypeVar("T")


class Looks:
    """Carries looks out. One that fails ends nothing: old pages are better than none.

    `failed` is told of each that fails for another reason than an outage of the database.
    """

    def __init__(self, failed: Callable[[], None] = lambda: None) -> None:
        self._failed = failed
        self._is_failing = False

    async def attempt(self, look: Awaitable[T], otherwise: T) -> T:
        """Return what a look returns, or `otherwise` if it fails."""
        try:
            found = await look
        except TransientError:  # `as_of` says how old everything is
            return otherwise
        except Exception as error:  # noqa: BLE001  # see above
            self._note(error)
            return otherwise
        self._is_failing = False
        return found

    def _note(self, error: Exception) -> None:
        if not self._is_failing:
            # Log: The site cannot read what was published or counted since, and goes on with what
            # it has. Said once, until it has read again.
            log.error("site.refresh_failed", **error_fields(error))
        self._is_failing = True
        self._failed()
