"""What runs in the background ends when the service does."""

import asyncio

import pytest
from starlette.datastructures import State

from services.operations.dead_letters.counting import DeadLetterCounts
from services.operations.observing import observing
from services.operations.sources.lag import LagSeen
from services.operations.sources.looking import Look
from shared.metrics import Metrics
from tests.waiting import DEADLINE_SECONDS


@pytest.mark.parametrize("hanging", [(DeadLetterCounts, "refresh"), (Look, "once")])
async def test_the_end_waits_for_nobody_who_does_not_answer(hanging, monkeypatch, tmp_path):
    begun, closed = asyncio.Event(), asyncio.Event()

    async def hang(*_arguments):
        begun.set()
        await asyncio.Event().wait()

    async def close(_counts):
        closed.set()

    monkeypatch.setenv("OPERATIONS_TARGETS", str(tmp_path))
    monkeypatch.setattr(DeadLetterCounts, "close", close)
    monkeypatch.setattr(*hanging, hang)
    async with (
        asyncio.timeout(DEADLINE_SECONDS),
        observing(Metrics("operations"), State(), LagSeen),
    ):
        await begun.wait()

    assert closed.is_set()
