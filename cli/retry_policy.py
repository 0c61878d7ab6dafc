"""How commands that publish wait for Kafka."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from shared.errors import TransientError

ResultT = TypeVar("ResultT")


class RetryPolicy:
    """Retries calls that fail with `TransientError`, for at most a given time each."""

    def __init__(self, give_up_after_seconds: float, on_waiting: Callable[[], None]) -> None:
        self._seconds = give_up_after_seconds
        self._on_waiting = on_waiting

    async def until_done(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Return what `attempt` returns; raises the last `TransientError` when time is up."""

        async def once() -> ResultT:  # tenacity awaits only what it sees to be a coroutine
            return await attempt()

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            stop=stop_after_delay(self._seconds),
            before_sleep=lambda _state: self._on_waiting(),
            reraise=True,
        )
        return await retrying(once)
