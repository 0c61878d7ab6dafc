"""FastStream as its documentation shows it: decide candidacies for labels, one per message."""

import asyncio
from datetime import UTC, datetime

import common
from faststream import FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

from services.recognition.rules.rules import decide
from services.recognition.rules.scheme import load_scheme
from shared.clock import hong_kong_date
from shared.events.intake import RecognitionApplication

broker = KafkaBroker(common.KAFKA, logger=None)
app = FastStream(broker, logger=None)
decisions = AsyncIOMotorClient(common.MONGODB)["bench-documented"]["recognition"]
scheme = load_scheme()
publisher = broker.publisher(common.RECOGNITION)


@broker.subscriber(common.APPLICATIONS, group_id="recognition", auto_offset_reset="earliest")
async def handle(event: common.Submitted):
    """Decide one candidacy; every enterprise is one without a history."""
    if not isinstance(event.application, RecognitionApplication):
        return
    decision = decide(event.application.candidacy, hong_kong_date(event.received_at), scheme)
    decided = common.Decided(
        application_id=event.application_id,
        email=event.email,
        outcome=decision.outcome,
        reasons=list(decision.reasons),
        decided_at=datetime.now(UTC),
    )
    await decisions.insert_one({"_id": decided.application_id, **decided.model_dump()})
    await publisher.publish(decided, key=decided.application_id.encode())


if __name__ == "__main__":
    asyncio.run(app.run())
