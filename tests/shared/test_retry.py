"""Retries while a dependency is down."""

import asyncio
import weakref
from functools import partial

import pytest
from structlog.testing import capture_logs

from shared import retry
from shared.errors import AbandonedError, TransientError
from shared.outages import Outages
from shared.retry import retry_until_done
from tests.waiting import DEADLINE_SECONDS


async def test_an_attempt_is_repeated_until_it_works():
    attempts = 0

    async def attempt() -> str:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise TransientError
        return "done"

    assert await retry_until_done(attempt, asyncio.Event()) == "done"


@pytest.mark.usefixtures("no_garbage_collection")
async def test_objects_of_a_successful_attempt_are_freed_at_once():
    class Batch:
        pass

    async def attempt(_batch: Batch) -> None:
        pass

    batch = Batch()
    left = weakref.ref(batch)
    await retry_until_done(partial(attempt, batch), asyncio.Event())
    del batch

    assert left() is None


async def test_the_cause_of_an_outage_is_reported_before_each_wait():
    heard: list[str] = []
    outcomes = [ConnectionResetError(), None]

    async def attempt() -> None:
        if error := outcomes.pop(0):
            raise TransientError from error

    await retry_until_done(attempt, asyncio.Event(), heard.append)

    assert heard == ["ConnectionResetError"]


async def test_a_reason_is_logged_with_the_outage(monkeypatch):
    monkeypatch.setattr(retry, "_OUTAGES", Outages())  # others of this process were just logged
    outcomes = [TransientError("starttls-454"), TransientError("starttls-454"), None]

    async def attempt() -> None:
        if error := outcomes.pop(0):
            raise error

    with capture_logs() as logs:
        await retry_until_done(attempt, asyncio.Event())

    unavailable, available = logs
    assert unavailable["reason"] == "starttls-454"
    assert available["event"] == "dependency.available"


async def test_any_other_error_propagates_at_once():
    async def attempt() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await retry_until_done(attempt, asyncio.Event())


async def test_cancelling_ends_a_running_wait():
    cancelled = asyncio.Event()

    async def attempt() -> None:
        raise TransientError

    waiting = asyncio.create_task(retry_until_done(attempt, cancelled))
    await asyncio.wait([waiting], timeout=0.05)
    cancelled.set()

    with pytest.raises(AbandonedError):
        await asyncio.wait_for(waiting, DEADLINE_SECONDS)
