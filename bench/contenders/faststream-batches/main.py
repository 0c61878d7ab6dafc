"""FastStream with `batch=True` and `list[Model]`: one insert and one commit for each batch."""

import asyncio

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import BulkWriteError

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


async def look_up(events):
    """Look up the histories of the factories of a batch."""
    query = work.history_query(events)
    return work.read_histories(
        *await asyncio.gather(
            completions.find(query).to_list(None),
            decisions.find(query, work.OUTCOME).to_list(None),
        )
    )


async def keep(documents):
    """Store decisions; return those stored before unchanged, to be published again."""
    stored = {each["_id"]: each for each in documents}
    try:
        await decisions.insert_many(stored.values(), ordered=False)
    except BulkWriteError as error:
        existing = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in decisions.find({"_id": {"$in": existing}}):
            stored[document["_id"]] = document
    return stored.values()


async def publish(document):
    """Publish one event by its key, which `publish_batch` ignores; return its future."""
    event = work.to_event(document)
    return await broker.publish(
        event.value,
        work.OUTPUT,
        key=event.key,
        headers={name: value.decode() for name, value in event.headers},
        no_confirm=True,
    )


@broker.subscriber(
    work.TOPIC,
    batch=True,
    max_records=500,
    batch_timeout_ms=10,
    group_id=work.GROUP,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def handle(events: list[ApplicationSubmitted], message: KafkaMessage):
    """Decide a batch of applications."""
    values = (record.value for record in message.raw_message)
    histories = await look_up(events)
    stored = await keep(
        [work.decide(*each, histories) for each in zip(events, values, strict=True)]
    )
    await asyncio.gather(*[await publish(each) for each in stored])


if __name__ == "__main__":
    asyncio.run(app.run())
