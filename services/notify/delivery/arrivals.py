"""New notifications that this process inserts as claimed, to send them itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.notify.delivery.claims import Claims
from services.notify.model import Notification


class Arrivals:
    """Inserted and claimed notifications that are not prepared yet; `most` at a time.

    None is taken while the database has others that are due, `has_backlog`: they come first.
    """

    def __init__(self, claims: Claims, most: int) -> None:
        self._claims = claims
        self._most = most
        self._arrived: list[Notification] = []
        self._is_wanted = False
        self.has_backlog = True

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Take arrivals while the block runs."""
        self._is_wanted = True
        try:
            yield
        finally:
            self._is_wanted = False

    async def insert(
        self, notifications: Sequence[Notification], waiting: int
    ) -> Sequence[Notification]:
        """Insert as many as there is room for beside those that are waiting; return the others."""
        room = self._room(waiting)
        if mine := notifications[:room]:
            new = await self._claims.insert(mine)
            if self._is_wanted:
                self._arrived += new
            else:  # the service stops
                await self._claims.release([each.id for each in new])
        others = notifications[room:]
        self.has_backlog = self.has_backlog or bool(others)
        return others

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return not self._arrived

    def take(self) -> Sequence[Notification]:
        """Return all arrivals, once."""
        taken, self._arrived = self._arrived, []
        return taken

    def _room(self, waiting: int) -> int:
        if not self._is_wanted or self.has_backlog:
            return 0
        return max(0, self._most - waiting - len(self._arrived))
