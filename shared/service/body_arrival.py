"""Waiting for the body of a request, with a limit that starts when the application waits."""

import asyncio
from typing import Literal

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from shared.http.problems import Problem


class BodyArrival(asyncio.Event):
    """Set when some of a body has arrived; knows since when the application waits for it."""

    waiting_since: float | None = None
    overdue: Problem | None = None

    @override
    async def wait(self) -> Literal[True]:
        """Wait for the client; raises `Problem` if it takes too long."""
        self.waiting_since = asyncio.get_running_loop().time()
        try:
            await super().wait()
        finally:
            self.waiting_since = None
        if self.overdue:
            raise self.overdue
        return True

    def give_up(self, problem: Problem) -> None:
        """End the wait with this problem."""
        self.overdue = problem
        self.set()


def watch_body(request: RequestResponseCycle) -> None:
    """Have a request wait for its body with a limit. Call it before the application runs."""
    if isinstance(request.message_event, BodyArrival):
        return
    arrival = BodyArrival()
    if request.message_event.is_set():
        arrival.set()
    request.message_event = arrival
