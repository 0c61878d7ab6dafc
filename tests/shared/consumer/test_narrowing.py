"""A step that fails on a batch dead-letters only the records at fault."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.consumer.breaker import Breaker, BreakerOpenError
from shared.errors import DependencyError
from shared.events.envelope import LARGEST_RECORD_BYTES, Event, Outgoing
from shared.events.intake import ApplicationSubmitted
from tests.factories import NOW, a_record, a_submission
from tests.in_memory import a_batch_handler
from tests.shared.consumer.batches import (
    BAD,
    Kept,
    RecordingPublisher,
    a_handler,
    application_id,
    handle,
    no_retry,
)


class Refusing(Kept):
    """Fails on any batch with one of these ids in it."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = refused

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        kept = await super().keep(proposals)
        if set(self.refused) & set(proposals):
            raise OverflowError
        return kept


async def test_a_batch_that_cannot_be_stored_is_narrowed_down_to_the_records_at_fault():
    submitted = [a_submission() for _ in range(50)]
    guilty = [submitted[7].application_id, submitted[31].application_id]
    publisher = RecordingPublisher()

    batch = await handle(
        [a_record(each) for each in submitted], a_handler(Refusing(*guilty)), publisher
    )

    good = [each.application_id for each in submitted if each.application_id not in guilty]
    assert [each.key.decode() for each in publisher.published if each.topic == "decisions"] == good
    assert [
        each.key.decode() for each in publisher.published if each.topic == "sample.dead-letters.v1"
    ] == guilty
    assert [(each.reason, each.error) for each in batch.dead_letters] == [
        ("unprocessable", "OverflowError")
    ] * 2
    assert [place for place, gone in enumerate(batch.dead_lettered) if gone] == [7, 31]


async def test_a_lookup_that_fails_on_one_record_dead_letters_only_that_record():
    guilty, good = a_submission(), a_submission()

    async def lookup(events: Sequence[Event[ApplicationSubmitted]]):
        if guilty.application_id in {each.data.application_id for each in events}:
            raise KeyError
        return application_id

    kept = Kept()
    looking = replace(a_handler(kept), lookup=lookup)

    batch = await handle([a_record(guilty), a_record(good)], looking, RecordingPublisher())

    assert kept.ids == [good.application_id]
    assert [each.error for each in batch.dead_letters] == ["KeyError"]


async def test_an_announced_event_that_is_too_large_dead_letters_only_its_record():
    large, good = a_submission(), a_submission()

    def announce(kept: str) -> Outgoing:
        size = LARGEST_RECORD_BYTES + 1 if kept == large.application_id else 1
        return Outgoing("decisions", kept.encode(), b"x" * size, [], NOW)

    publisher = RecordingPublisher()

    batch = await handle(
        [a_record(large), a_record(good)],
        replace(a_handler(Kept()), announce=announce),
        publisher,
    )

    assert [each.key.decode() for each in publisher.published] == [
        good.application_id,
        large.application_id,
    ]
    assert [each.error for each in batch.dead_letters] == ["RecordTooLargeError"]


async def test_an_error_that_no_record_caused_is_not_narrowed_down():
    async def keep(_proposals: Sequence[str]) -> Sequence[str]:
        raise DependencyError

    publisher = RecordingPublisher()

    with pytest.raises(DependencyError):
        await handle([a_record(a_submission())], replace(a_handler(Kept()), keep=keep), publisher)

    assert publisher.published == []


async def test_a_batch_that_trips_the_breaker_publishes_nothing():
    publisher = RecordingPublisher()
    tripping = a_batch_handler(a_handler(Kept()), publisher, breaker=Breaker(0, 1.0))

    with pytest.raises(BreakerOpenError):
        await tripping.handle([a_record(a_submission()), BAD["no value"]], no_retry())

    assert publisher.published == []
