"""FastStream as its documentation shows it: decide applications for funding, one per message."""

import asyncio
from datetime import UTC, datetime

import common
from faststream import FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide
from shared.clock import hong_kong_date
from shared.events.intake import RecognitionApplication

broker = KafkaBroker(common.KAFKA, logger=None)
app = FastStream(broker, logger=None)
decisions = AsyncIOMotorClient(common.MONGODB)["bench-documented"]["eligibility"]
programme = load_programme()
publisher = broker.publisher(common.ELIGIBILITY)


@broker.subscriber(common.APPLICATIONS, group_id="eligibility", auto_offset_reset="earliest")
async def handle(event: common.Submitted):
    """Decide one application; every application names a factory without a history."""
    if isinstance(event.application, RecognitionApplication):
        return
    decision = decide(event.application, hong_kong_date(event.received_at), programme)
    decided = common.Decided(
        application_id=event.application_id,
        email=event.email,
        outcome=decision.outcome,
        grant_cents=decision.grant_cents,
        reasons=list(decision.reasons),
        decided_at=datetime.now(UTC),
    )
    await decisions.insert_one({"_id": decided.application_id, **decided.model_dump()})
    await publisher.publish(decided, key=decided.application_id.encode())


if __name__ == "__main__":
    asyncio.run(app.run())
