"""Retries requests while intake is down or overloaded."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, ParamSpec, TypeVar

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_random_exponential,
)

from cli.submit.outcomes import SubmissionError

ResultT = TypeVar("ResultT")
ArgumentsT = ParamSpec("ArgumentsT")
NOT_NOW: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,  # the same line is in flight: an earlier attempt was cut off
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_BACK_OFF: Final = wait_random_exponential(multiplier=0.2, max=10)


class NotNowError(Exception):
    """The same request may succeed later."""

    def __init__(self, why: str, retry_after_seconds: float = 0) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds


class Patience:
    """Retries one request at a time, until nothing has moved for `give_up_after_seconds`.

    Calls `on_waiting` with the reason before each retry.
    """

    def __init__(
        self, url: str, give_up_after_seconds: float, on_waiting: Callable[[str], None]
    ) -> None:
        self._url = url
        self._give_up_after_seconds = give_up_after_seconds
        self._on_waiting = on_waiting
        self._moved_at = 0.0

    def has_moved(self) -> None:
        """Note that a part of the request has succeeded."""
        self._moved_at = time.monotonic()

    async def call(
        self,
        request: Callable[ArgumentsT, Awaitable[ResultT]],
        *args: ArgumentsT.args,
        **more: ArgumentsT.kwargs,
    ) -> ResultT:
        """Make a request, and repeat it while it raises `NotNowError` or gets no response.

        Raises `SubmissionError` if intake is down for too long.
        """
        self.has_moved()
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((NotNowError, httpx.TransportError)),
            wait=_wait_seconds,
            stop=self._must_stop,
            before_sleep=lambda state: self._on_waiting(_reason(state)),
            retry_error_callback=self._give_up,
        )
        answer: ResultT = await retrying(request, *args, **more)
        return answer

    def _must_stop(self, _state: RetryCallState) -> bool:
        return time.monotonic() - self._moved_at >= self._give_up_after_seconds

    def _give_up(self, state: RetryCallState) -> ResultT:  # type: ignore[type-var]  # never returns
        msg = (
            f"{self._url} was unavailable for {self._give_up_after_seconds:.0f} "
            f"seconds: {_reason(state)}. Check its address and that it runs, then repeat the "
            "command: lines already accepted are not submitted twice."
        )
        raise SubmissionError(msg) from _error(state)


def check_not_busy(answer: httpx.Response) -> None:
    """Raise `NotNowError` if this response asks to repeat the request later."""
    if answer.status_code in NOT_NOW:
        msg = f"response {answer.status_code}"
        raise NotNowError(msg, _retry_after_seconds(answer))


def _wait_seconds(state: RetryCallState) -> float:
    error = _error(state)
    asked_for = error.retry_after_seconds if isinstance(error, NotNowError) else 0
    return max(asked_for, _BACK_OFF(state))


def _reason(state: RetryCallState) -> str:
    error = _error(state)
    return str(error) if isinstance(error, NotNowError) else f"no response ({_name(error)})"


def _name(error: BaseException | None) -> str:
    return type(error).__name__


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _retry_after_seconds(answer: httpx.Response) -> float:
    # The header may also hold a date; the back-off alone is long enough then.
    stated = answer.headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else 0
