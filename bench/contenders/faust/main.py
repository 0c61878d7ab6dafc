"""Faust: an agent that takes batches from its stream."""

import asyncio

import faust
import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import BulkWriteError

from bench.contenders import work

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
app = faust.App(
    work.GROUP,
    broker=f"kafka://{work.SERVERS}",
    consumer_auto_offset_reset="earliest",
    producer_acks=-1,
    broker_commit_interval=0.5,
    topic_allow_declare=False,
    topic_disable_leader=True,
    web_enabled=False,
)
applications = app.topic(work.TOPIC, value_type=bytes, value_serializer="raw")
events = app.topic(work.OUTPUT, value_serializer="raw", key_serializer="raw")


@app.task
async def connect():
    """Connect inside the running loop."""
    client = AsyncIOMotorClient(work.MONGODB_URL, **work.DURABLE)
    app.decisions = client[work.DATABASE]["decisions"]
    app.completions = client[work.DATABASE]["completions"]


async def decided(values):
    """Decide a batch, by what is known about its factories."""
    events = [work.read(each) for each in values]
    asked = work.asked(events)
    known = work.known(
        *await asyncio.gather(
            app.completions.find(asked).to_list(None),
            app.decisions.find(asked, work.OUTCOME).to_list(None),
        )
    )
    return [work.decided(*each, known) for each in zip(events, values, strict=True)]


async def keep(documents):
    """Keep decisions; those that are kept already stay, and are announced again."""
    kept = {each["_id"]: each for each in documents}
    try:
        await app.decisions.insert_many(kept.values(), ordered=False)
    except BulkWriteError as error:
        known = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in app.decisions.find({"_id": {"$in": known}}):
            kept[document["_id"]] = document
    return kept.values()


async def publish(document):
    """Hand one event over; returns its confirmation."""
    event = work.announced(document)
    return await events.send(key=event.key, value=event.value, headers=dict(event.headers))


@app.agent(applications)
async def decide(stream):
    """Decide batches of applications; they are acknowledged when the next one is asked for."""
    async for values in stream.take(500, within=0.05):
        kept = await keep(await decided(values))
        await asyncio.gather(*[await publish(each) for each in kept])


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
