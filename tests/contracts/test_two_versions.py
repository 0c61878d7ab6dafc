"""The recipe for a breaking change: a translator publishes version 2 beside version 1."""

import asyncio
from typing import Final

from pydantic import AwareDatetime

from shared.clock import from_milliseconds
from shared.consumer.handling import Handler, Retry, no_lookup
from shared.events.eligibility import EligibilityDecided
from shared.events.envelope import Event, EventData, EventIdentity, Outgoing, Topic
from tests.contracts.releases import recorded_events
from tests.factories import raw_record
from tests.in_memory import InMemoryPublisher, a_batch_handler

DECISIONS_V2: Final = Topic("eligibility.decisions.v2")


class FundingDecided(EventData):
    """A breaking change of `EligibilityDecided`: another name, and amounts in whole dollars."""

    application_id: str
    version: int
    grant_dollars: int | None
    decided_at: AwareDatetime


def translated(event: Event[EligibilityDecided]) -> Outgoing:
    old = event.data
    data = FundingDecided(
        application_id=old.application_id,
        version=old.version,
        grant_dollars=None if old.grant_cents is None else old.grant_cents // 100,
        decided_at=old.decided_at,
    )
    identity = EventIdentity(
        FundingDecided.__name__,
        old.application_id,
        f"{old.application_id}:{old.version}:{old.ruling_id or ''}",
        from_milliseconds(event.time_ms),
        event.traceparent,
    )
    return identity.record(DECISIONS_V2, data.model_dump_json().encode())


async def keep(proposals):
    return proposals


TRANSLATOR: Final = Handler(
    parsers={EligibilityDecided.__name__: EligibilityDecided.model_validate_json},
    lookup=no_lookup(translated),
    keep=keep,
    announce=lambda event: event,
)


async def translate(records):
    publisher = InMemoryPublisher()
    await a_batch_handler(TRANSLATOR, publisher).handle(records, Retry(asyncio.Event()))
    return publisher.published


async def test_the_new_topic_has_every_event_of_the_old_one_once_and_in_order():
    decided = [each for each in recorded_events("0.1.0") if each.type == "EligibilityDecided"]
    records = [raw_record(e.value, e.headers, topic=e.topic, key=e.key) for e in decided]

    first, again = await translate(records), await translate(records)

    assert again == first
    assert [each.key for each in first] == [each.key for each in decided]
    assert {each.topic for each in first} == {DECISIONS_V2.name}
    assert len({dict(each.headers)["ce_id"] for each in first}) == len(decided)
    for old, new in zip(decided, first, strict=True):
        assert dict(new.headers)["ce_time"] == dict(old.headers)["ce_time"]
        FundingDecided.model_validate_json(new.value or b"")
