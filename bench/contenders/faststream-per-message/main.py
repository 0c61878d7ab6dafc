"""FastStream as its documentation shows it: a typed handler, an insert, a decorated publisher."""

import asyncio

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaResponse
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError

from bench.contenders import (
    lenient,  # noqa: F401  # before the event models
    work,
)
from shared.events.intake import ApplicationSubmitted

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
broker = KafkaBroker(work.SERVERS, acks="all", logger=None)
app = FastStream(broker, logger=None)
database = AsyncIOMotorClient(work.MONGODB_URL, **work.DURABLE)[work.DATABASE]
completions, decisions = database["completions"], database["decisions"]


async def look_up(event):
    """Look up the history of a factory."""
    query = work.history_query([event])
    return work.read_histories(
        *await asyncio.gather(
            completions.find(query).to_list(None),
            decisions.find(query, work.OUTCOME).to_list(None),
        )
    )


async def keep(document):
    """Store a decision; return one stored before unchanged, to be published again."""
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
    stored = await keep(work.decide(event, message.body, await look_up(event)))
    outgoing = work.to_event(stored)
    headers = {name: value.decode() for name, value in outgoing.headers}
    return KafkaResponse(outgoing.value, key=outgoing.key, headers=headers)


if __name__ == "__main__":
    asyncio.run(app.run())
