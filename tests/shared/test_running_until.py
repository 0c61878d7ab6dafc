"""Work that ends when its service does, even if what it waits for hangs."""

import asyncio

import pytest

from shared.waiting import running_until


async def forever() -> None:
    await asyncio.Event().wait()


async def failing() -> None:
    raise ZeroDivisionError


async def test_work_that_hangs_is_ended():
    closing = asyncio.Event()
    asyncio.get_running_loop().call_soon(closing.set)

    async with asyncio.timeout(1), running_until(closing, forever()) as work:
        assert not work.done()

    assert work.cancelled()


async def test_work_may_be_given_time_to_end_by_itself():
    closing, finished = asyncio.Event(), asyncio.Event()
    closing.set()

    async def finishing() -> None:
        await closing.wait()
        finished.set()

    async with running_until(closing, finishing()) as work:
        await asyncio.wait({work}, timeout=1)

    assert finished.is_set()
    assert not work.cancelled()


async def test_an_error_in_the_work_is_raised_at_once():
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(1), running_until(asyncio.Event(), failing()):
            pass
