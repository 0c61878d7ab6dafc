"""Retries a call while a dependency is down: in place, for as long as it takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from shared.errors import AbandonedError, TransientError
from shared.waiting import sleep_unless_set

ResultT = TypeVar("ResultT")
log = structlog.get_logger()

LONGEST_WAIT_SECONDS: Final = 5.0


async def retry_until_done(
    attempt: Callable[[], Awaitable[ResultT]],
    cancelled: asyncio.Event,
    on_retry: Callable[[str], None] = lambda _error: None,
) -> ResultT:
    """Call `attempt` until it raises no `TransientError`, with capped back-off and jitter.

    `on_retry` gets the kind of error before each wait. Setting `cancelled` ends the wait at once
    with `AbandonedError`, but does not interrupt a running attempt. Any other error propagates.
    """
    try:
        return await attempt()
    except TransientError as error:
        return await _retry(error, attempt, cancelled, on_retry)


async def _retry(
    failed: TransientError | None,
    attempt: Callable[[], Awaitable[ResultT]],
    cancelled: asyncio.Event,
    on_retry: Callable[[str], None],
) -> ResultT:
    """Retry after a first failure.

    tenacity's objects form reference cycles that hold everything an attempt refers to. They are
    built only after a failure: otherwise every batch would wait for the garbage collector.
    """

    def report(state: RetryCallState) -> None:
        failed = _error(state)
        error = _kind(failed)
        on_retry(error)
        reason = {"reason": str(failed)} if str(failed) else {}
        # Log: Kafka, MongoDB or another dependency does not answer; the call is repeated until it
        # does.
        log.warning("dependency.unavailable", error=error, **reason, attempt=state.attempt_number)

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
