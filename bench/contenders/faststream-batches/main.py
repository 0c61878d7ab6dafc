"""FastStream with `batch=True` and `list[Model]`: one insert, all confirmations, one commit."""

import asyncio

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import BulkWriteError

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


async def known(events):
    """Look up what is known about the factories of a batch."""
    asked = work.asked(events)
    return work.known(
        *await asyncio.gather(
            completions.find(asked).to_list(None),
            decisions.find(asked, work.OUTCOME).to_list(None),
        )
    )


async def keep(documents):
    """Keep decisions; those that are kept already stay, and are announced again."""
    kept = {each["_id"]: each for each in documents}
    try:
        await decisions.insert_many(kept.values(), ordered=False)
    except BulkWriteError as error:
        known = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in decisions.find({"_id": {"$in": known}}):
            kept[document["_id"]] = document
    return kept.values()


async def publish(document):
    """Publish one event by its key; `publish_batch` would ignore it. Returns its confirmation."""
    announcement = work.announced(document)
    return await broker.publish(
        announcement.value,
        work.OUTPUT,
        key=announcement.key,
        headers={name: value.decode() for name, value in announcement.headers},
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
    histories = await known(events)
    kept = await keep([work.decided(*each, histories) for each in zip(events, values, strict=True)])
    confirmations = [await publish(each) for each in kept]
    await asyncio.gather(*confirmations)


if __name__ == "__main__":
    asyncio.run(app.run())
