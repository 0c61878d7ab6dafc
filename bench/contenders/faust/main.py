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
    """Connect to MongoDB in the running event loop."""
    client = AsyncIOMotorClient(work.MONGODB_URL, **work.DURABLE)
    app.decisions = client[work.DATABASE]["decisions"]
    app.completions = client[work.DATABASE]["completions"]


async def decide_all(values):
    """Decide a batch, by the histories of its factories."""
    events = [work.parse(each) for each in values]
    query = work.history_query(events)
    histories = work.read_histories(
        *await asyncio.gather(
            app.completions.find(query).to_list(None),
            app.decisions.find(query, work.OUTCOME).to_list(None),
        )
    )
    return [work.decide(*each, histories) for each in zip(events, values, strict=True)]


async def keep(documents):
    """Store decisions; return those stored before unchanged, to be published again."""
    stored = {each["_id"]: each for each in documents}
    try:
        await app.decisions.insert_many(stored.values(), ordered=False)
    except BulkWriteError as error:
        existing = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        async for document in app.decisions.find({"_id": {"$in": existing}}):
            stored[document["_id"]] = document
    return stored.values()


async def publish(document):
    """Send one event; return the future of its acknowledgement."""
    event = work.to_event(document)
    return await events.send(key=event.key, value=event.value, headers=dict(event.headers))


@app.agent(applications)
async def decide(stream):
    """Decide batches of applications; Faust acknowledges one when it takes the next."""
    async for values in stream.take(500, within=0.05):
        stored = await keep(await decide_all(values))
        await asyncio.gather(*[await publish(each) for each in stored])


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
