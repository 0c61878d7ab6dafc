"""Plain aiokafka: one batch at a time, with the same durability as the eligibility service."""

import asyncio
import signal

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import BulkWriteError

from bench.contenders import work


async def keep(decisions, documents):
    """Store decisions; return those stored before unchanged, to be published again."""
    stored = {each["_id"]: each for each in documents}
    try:
        await decisions.insert_many(stored.values(), ordered=False)
    except BulkWriteError as error:
        existing = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in decisions.find({"_id": {"$in": existing}}):
            stored[document["_id"]] = document
    return stored.values()


async def decide_all(database, values):
    """Decide a batch, by the histories of its factories."""
    events = [work.parse(each) for each in values]
    query = work.history_query(events)
    histories = work.read_histories(
        *await asyncio.gather(
            database["completions"].find(query).to_list(None),
            database["decisions"].find(query, work.OUTCOME).to_list(None),
        )
    )
    return [work.decide(*each, histories) for each in zip(events, values, strict=True)]


async def publish(producer, document):
    """Send one event; return the future of its acknowledgement."""
    event = work.to_event(document)
    return await producer.send(work.OUTPUT, event.value, event.key, headers=event.headers)


async def handle(records, database, producer):
    """Decide, store and publish a batch."""
    documents = await decide_all(database, [each.value for each in records])
    stored = await keep(database["decisions"], documents)
    await asyncio.gather(*[await publish(producer, each) for each in stored])


async def consume(consumer, producer, database):
    """Handle batches; commit the offsets of each when all its events are acknowledged."""
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=500)
        if fetched:
            await handle([r for records in fetched.values() for r in records], database, producer)
            await consumer.commit({part: rs[-1].offset + 1 for part, rs in fetched.items()})


async def main():
    """Run until SIGTERM."""
    client = AsyncIOMotorClient(work.MONGODB_URL, **work.DURABLE)
    consumer = AIOKafkaConsumer(
        work.TOPIC,
        bootstrap_servers=work.SERVERS,
        group_id=work.GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=work.SERVERS, acks="all", max_batch_size=256 * 1024
    )
    async with consumer, producer:
        task = asyncio.create_task(consume(consumer, producer, client[work.DATABASE]))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


if __name__ == "__main__":
    uvloop.run(main())
