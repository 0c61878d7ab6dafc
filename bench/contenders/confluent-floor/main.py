"""confluent-kafka, pydantic and bulk inserts, without a framework."""

import gc
import signal

from confluent_kafka import Consumer, KafkaException, Producer
from pymongo import MongoClient
from pymongo.errors import BulkWriteError

from bench.contenders import work

running = True


def stop(*_):
    """Stop after the current batch."""
    global running  # noqa: PLW0603 - a signal handler takes no arguments of ours
    running = False


def keep(decisions, documents):
    """Store decisions; return those stored before unchanged, to be published again."""
    stored = {each["_id"]: each for each in documents}
    try:
        decisions.insert_many(stored.values(), ordered=False)
    except BulkWriteError as error:
        existing = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        stored |= {each["_id"]: each for each in decisions.find({"_id": {"$in": existing}})}
    return stored.values()


def decide_all(database, values):
    """Decide a batch, by the histories of its factories."""
    events = [work.parse(each) for each in values]
    query = work.history_query(events)
    completions = database["completions"].find(query)
    histories = work.read_histories(completions, database["decisions"].find(query, work.OUTCOME))
    return [work.decide(*each, histories) for each in zip(events, values, strict=True)]


def publish(producer, documents):
    """Publish events, and return when all are acknowledged."""
    failed = []
    acknowledged = lambda error, _: error and failed.append(error)  # noqa: E731
    for each in documents:
        event = work.to_event(each)
        producer.produce(
            work.OUTPUT, event.value, event.key, headers=event.headers, on_delivery=acknowledged
        )
    if producer.flush(30) or failed:
        raise KafkaException(*failed[:1])


def consume(consumer, producer, database):
    """Handle batches; commit the offsets of each when all its events are acknowledged."""
    while running:
        records = consumer.consume(500, timeout=0.2)
        if not records:
            continue
        documents = decide_all(database, [each.value() for each in records])
        publish(producer, keep(database["decisions"], documents))
        consumer.commit(asynchronous=False)


def main():
    """Run until SIGTERM."""
    signal.signal(signal.SIGTERM, stop)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as ours
    consumer = Consumer(
        {
            "bootstrap.servers": work.SERVERS,
            "group.id": work.GROUP,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": work.SERVERS,
            "acks": "all",
            "partitioner": "murmur2_random",
            "linger.ms": 1,
        }
    )
    consumer.subscribe([work.TOPIC])
    try:
        with MongoClient(work.MONGODB_URL, **work.DURABLE) as client:
            consume(consumer, producer, client[work.DATABASE])
    finally:
        consumer.close()  # leaves the group; the next process need not wait for a timeout


if __name__ == "__main__":
    main()
