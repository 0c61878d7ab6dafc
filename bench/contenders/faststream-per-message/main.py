"""FastStream as its documentation shows it: a typed handler, an insert, a decorated publisher."""

import asyncio

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaResponse
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError

from bench.contenders import (
    lenient,  # noqa: F401  # before the events
    work,
)
from shared.events.intake import ApplicationSubmitted

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
broker = KafkaBroker(work.SERVERS, acks="all", logger=None)
app = FastStream(broker, logger=None)
database = AsyncIOMotorClient(work.MONGODB_URL, **work.DURABLE)[work.DATABASE]
completions, decisions = database["completions"], database["decisions"]


async def known(event):
    """Look up what is known about the factory."""
    asked = work.asked([event])
    return work.known(
        *await asyncio.gather(
            completions.find(asked).to_list(None),
            decisions.find(asked, work.OUTCOME).to_list(None),
        )
    )


async def keep(document):
    """Keep a decision; one that is kept already stays, and is announced again."""
    try:
        await decisions.insert_one(document)
    except DuplicateKeyError:
        return await decisions.find_one({"_id": document["_id"]})
    return document


@broker.subscriber(
    work.TOPIC,
    group_id=work.GROUP,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
@broker.publisher(work.OUTPUT)
async def handle(event: ApplicationSubmitted, message: KafkaMessage):
    """Decide one application."""
    kept = await keep(work.decided(event, message.body, await known(event)))
    announcement = work.announced(kept)
    headers = {name: value.decode() for name, value in announcement.headers}
    return KafkaResponse(announcement.value, key=announcement.key, headers=headers)


if __name__ == "__main__":
    asyncio.run(app.run())
