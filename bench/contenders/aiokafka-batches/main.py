"""Plain aiokafka by hand: a batch at a time, with the same durability as ours."""

import asyncio
import signal

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import BulkWriteError

from bench.contenders import work


async def keep(decisions, documents):
    """Keep decisions; those that are kept already stay, and are announced again."""
    kept = {each["_id"]: each for each in documents}
    try:
        await decisions.insert_many(kept.values(), ordered=False)
    except BulkWriteError as error:
        known = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in decisions.find({"_id": {"$in": known}}):
            kept[document["_id"]] = document
    return kept.values()


async def decided(database, values):
    """Decide a batch, by what is known about its factories."""
    events = [work.read(each) for each in values]
    asked = work.asked(events)
    known = work.known(
        *await asyncio.gather(
            database["completions"].find(asked).to_list(None),
            database["decisions"].find(asked, work.OUTCOME).to_list(None),
        )
    )
    return [work.decided(*each, known) for each in zip(events, values, strict=True)]


async def publish(producer, document):
    """Hand one event over; returns its confirmation."""
    event = work.announced(document)
    return await producer.send(work.OUTPUT, event.value, event.key, headers=event.headers)


async def handle(records, database, producer):
    """Decide, keep and publish a batch."""
    documents = await decided(database, [each.value for each in records])
    kept = await keep(database["decisions"], documents)
    await asyncio.gather(*[await publish(producer, each) for each in kept])


async def consume(consumer, producer, database):
    """Handle batch after batch; the offsets are committed when all is confirmed."""
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=500)
        if fetched:
            await handle([r for records in fetched.values() for r in records], database, producer)
            await consumer.commit({part: rs[-1].offset + 1 for part, rs in fetched.items()})


async def main():
    """Run until told to stop."""
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
        work_to_do = consume(consumer, producer, client[work.DATABASE])
        task = asyncio.create_task(work_to_do)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


if __name__ == "__main__":
    uvloop.run(main())
