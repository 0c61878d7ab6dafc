"""Small batches: one insert for many requests, and each request its own outcome."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from services.intake.store.applications import Acceptance, Receipt
from services.intake.submission.writer import Writer
from shared.errors import TransientError
from shared.metrics import Metrics
from shared.outbox.relay import Outbox
from tests.factories import NOW
from tests.in_memory import FakeOutboxStore, FakePublisher
from tests.intake.fakes import FakeApplications


def an_acceptance(application_id: str) -> Acceptance:
    return Acceptance(
        application_id=application_id,
        client_id="anonymous",
        fingerprint=b"",
        stream="assessment",
        received_at=NOW,
        accepted_at=NOW,
        application={},
        events=[],
    )


@pytest.fixture
def applications():
    return FakeApplications()


@pytest.fixture
def outbox():
    return Outbox(FakeOutboxStore(), Metrics("test"), lambda: NOW)


@asynccontextmanager
async def running(applications, outbox, *, max_waiting=1_000, seconds=5.0):
    writer = Writer(applications, outbox, max_waiting=max_waiting, seconds=seconds)
    async with writer.running():
        yield writer


async def begin(writer: Writer, count: int, first: int = 0) -> list[asyncio.Task[Receipt]]:
    tasks = [
        asyncio.create_task(writer.write(an_acceptance(str(n))))
        for n in range(first, first + count)
    ]
    for _ in range(10):  # some turns of the loop: they are enqueued, and an idle lane begins
        await asyncio.sleep(0)
    return tasks


async def test_what_waits_while_two_inserts_run_is_written_together(applications, outbox):
    async with running(applications, outbox) as writer:
        tasks = await begin(writer, 1) + await begin(writer, 1, 1) + await begin(writer, 700, 2)
        applications.open.set()
        receipts = await asyncio.gather(*tasks)

    assert [each.application_id for each in receipts] == [str(n) for n in range(702)]
    assert [len(batch) for batch in applications.batches] == [1, 1, 500, 200]


async def test_an_error_reaches_those_of_its_batch_and_the_next_batch_goes_on(applications, outbox):
    applications.errors = [TransientError()]
    async with running(applications, outbox) as writer:
        failed = await begin(writer, 3)
        applications.open.set()
        outcomes = await asyncio.gather(*failed, return_exceptions=True)
        again = await asyncio.gather(*await begin(writer, 3))

    assert [type(each) for each in outcomes] == [TransientError] * 3
    assert [each.application_id for each in again] == ["0", "1", "2"]


async def test_a_defect_does_not_stop_the_writing_either(applications, outbox):
    applications.errors = [ZeroDivisionError(), ZeroDivisionError()]
    applications.open.set()
    async with running(applications, outbox) as writer:
        for task in await begin(writer, 1) + await begin(writer, 1):
            with pytest.raises(ZeroDivisionError):
                await task

        assert await writer.write(an_acceptance("a"))


async def test_a_request_waits_no_longer_than_it_is_told(applications, outbox):
    async with running(applications, outbox, seconds=0.01) as writer:
        for task in await begin(writer, 3):
            with pytest.raises(TransientError):
                await task


async def test_who_gave_up_is_not_written_later(applications, outbox):
    async with running(applications, outbox, seconds=0.05) as writer:
        tasks = await begin(writer, 1) + await begin(writer, 1, 1) + await begin(writer, 1, 2)
        await asyncio.gather(*tasks, return_exceptions=True)
        applications.open.set()
        await writer.write(an_acceptance("later"))

    assert applications.batches == [["0"], ["1"], ["later"]]


async def test_more_than_may_wait_are_refused_at_once(applications, outbox):
    async with running(applications, outbox, max_waiting=2) as writer:
        held = await begin(writer, 1) + await begin(writer, 1) + await begin(writer, 2)
        with pytest.raises(TransientError):
            await writer.write(an_acceptance("too many"))
        applications.open.set()

        assert len(await asyncio.gather(*held)) == 4


async def test_only_what_is_new_is_handed_to_the_outbox(applications):
    kept, publisher = FakeOutboxStore(), FakePublisher()
    outbox = Outbox(kept, Metrics("test"), lambda: NOW)
    applications.open.set()
    async with running(applications, outbox) as writer:
        await writer.write(an_acceptance("a"))
        await writer.write(an_acceptance("a"))
        await writer.write(an_acceptance("b"))

    closing = asyncio.Event()
    closing.set()
    await outbox.run(publisher, closing)

    assert kept.published == ["a", "b"]
