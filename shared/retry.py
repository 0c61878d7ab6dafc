"""Retries a call while a dependency is down: in place, for as long as it takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from shared.errors import AbandonedError, TransientError
from shared.outages import OnFailure, Outages
from shared.waiting import sleep_unless_set

ResultT = TypeVar("ResultT")

LONGEST_WAIT_SECONDS: Final = 5.0
_OUTAGES: Final = Outages()


async def retry_until_done(
    attempt: Callable[[], Awaitable[ResultT]],
    cancelled: asyncio.Event,
    on_retry: Callable[[str], None] = lambda _error: None,
) -> ResultT:
    """Call `attempt` until it raises no `TransientError`, with capped back-off and jitter.

    The begin and the end of an outage are logged once, however many calls wait for it.
    `on_retry` gets the kind of error before each wait. Setting `cancelled` ends the wait at once
    with `AbandonedError`, but does not interrupt a running attempt. Any other error propagates.
    """
    try:
        return await attempt()
    except TransientError as error:
        with _OUTAGES.waiting() as on_failure:

            def report(failed: BaseException | None, number: int) -> None:
                on_retry(_kind(failed))
                on_failure(failed, number)

            return await _retry(error, attempt, cancelled, report)


async def _retry(
    failed: TransientError | None,
    attempt: Callable[[], Awaitable[ResultT]],
    cancelled: asyncio.Event,
    on_failure: OnFailure,
) -> ResultT:
    """Retry after a first failure.

    tenacity's objects form reference cycles that hold everything an attempt refers to. They are
    built only after a failure: otherwise every batch would wait for the garbage collector.
    """

    def report(state: RetryCallState) -> None:
        on_failure(_error(state), state.attempt_number)

    async def sleep(seconds: float) -> None:
        await sleep_unless_set(seconds, cancelled)

    def abandon(state: RetryCallState) -> ResultT:
        raise AbandonedError from _error(state)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        wait=wait_random_exponential(multiplier=0.1, max=LONGEST_WAIT_SECONDS),
        stop=lambda _state: cancelled.is_set(),
        sleep=sleep,
        before_sleep=report,
        retry_error_callback=abandon,
    )

    async def once() -> ResultT:
        nonlocal failed
        if failed:  # the first attempt was made before tenacity was asked
            error, failed = failed, None
            raise error
        return await attempt()

    return await retrying(once)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _kind(error: BaseException | None) -> str:
    cause = error.__cause__ if error else None
    return type(cause or error).__name__
