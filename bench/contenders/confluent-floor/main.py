"""The floor: confluent-kafka, pydantic, bulk insert, and no framework."""

import gc
import signal

from confluent_kafka import Consumer, KafkaException, Producer
from pymongo import MongoClient
from pymongo.errors import BulkWriteError

from bench.contenders import work

running = True


def stop(*_):
    """Finish the batch in hand."""
    global running  # noqa: PLW0603 - a signal handler has nothing else
    running = False


def keep(decisions, documents):
    """Keep decisions; those that are kept already stay, and are announced again."""
    kept = {each["_id"]: each for each in documents}
    try:
        decisions.insert_many(kept.values(), ordered=False)
    except BulkWriteError as error:
        known = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
        kept |= {each["_id"]: each for each in decisions.find({"_id": {"$in": known}})}
    return kept.values()


def decided(database, values):
    """Decide a batch, by what is known about its factories."""
    events = [work.read(each) for each in values]
    asked = work.asked(events)
    completions = database["completions"].find(asked)
    known = work.known(completions, database["decisions"].find(asked, work.OUTCOME))
    return [work.decided(*each, known) for each in zip(events, values, strict=True)]


def publish(producer, documents):
    """Publish events, and return when all are confirmed."""
    failed = []
    confirmed = lambda error, _: error and failed.append(error)  # noqa: E731
    for each in documents:
        event = work.announced(each)
        producer.produce(
            work.OUTPUT, event.value, event.key, headers=event.headers, on_delivery=confirmed
        )
    if producer.flush(30) or failed:
        raise KafkaException(*failed[:1])


def consume(consumer, producer, database):
    """Handle batch after batch; the offsets are committed when all is confirmed."""
    while running:
        records = consumer.consume(500, timeout=0.2)
        if not records:
            continue
        documents = decided(database, [each.value() for each in records])
        publish(producer, keep(database["decisions"], documents))
        consumer.commit(asynchronous=False)


def main():
    """Run until told to stop."""
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
        consumer.close()  # a successor need not wait until this member is missed


if __name__ == "__main__":
    main()
