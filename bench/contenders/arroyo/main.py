"""sentry-arroyo: parse, batch, decide, store, publish, commit, with a dead-letter policy."""

import signal
from concurrent.futures import wait

from arroyo.backends.kafka import (
    KafkaConsumer,
    KafkaPayload,
    KafkaProducer,
    build_kafka_configuration,
    build_kafka_consumer_configuration,
)
from arroyo.commit import IMMEDIATE
from arroyo.dlq import DlqPolicy, InvalidMessage, KafkaDlqProducer
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import (
    BatchStep,
    CommitOffsets,
    ProcessingStrategyFactory,
    RunTask,
)
from arroyo.types import Topic
from pydantic import ValidationError
from pymongo import MongoClient
from pymongo.errors import BulkWriteError

from bench.contenders import work

OUTPUT = Topic(work.OUTPUT)


def parse(message):
    """Parse one application; an invalid one becomes a dead letter."""
    value = message.payload.value
    try:
        return work.parse(value), value
    except ValidationError as error:
        raise InvalidMessage.from_value(message.value) from error


class Effects:
    """Decides a batch, and stores and publishes the decisions."""

    def __init__(self, producer):
        database = MongoClient(work.MONGODB_URL, **work.DURABLE)[work.DATABASE]
        self._completions, self._decisions = database["completions"], database["decisions"]
        self._producer = producer

    def __call__(self, message):
        """Return when all events are acknowledged."""
        acknowledgements = [
            self._producer.produce(OUTPUT, KafkaPayload(event.key, event.value, event.headers))
            for event in map(work.to_event, self._keep(self._decide(message.payload)))
        ]
        for each in wait(acknowledgements).done:
            each.result()

    def _decide(self, messages):
        """Decide a batch, by the histories of its factories."""
        parsed = [each.payload for each in messages]
        query = work.history_query(event for event, _ in parsed)
        completions = self._completions.find(query)
        decisions = self._decisions.find(query, work.OUTCOME)
        histories = work.read_histories(completions, decisions)
        return [work.decide(*each, histories) for each in parsed]

    def _keep(self, documents):
        """Store decisions; return those stored before unchanged, to be published again."""
        stored = {each["_id"]: each for each in documents}
        try:
            self._decisions.insert_many(stored.values(), ordered=False)
        except BulkWriteError as error:
            existing = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
            found = self._decisions.find({"_id": {"$in": existing}})
            stored |= {each["_id"]: each for each in found}
        return stored.values()


class Factory(ProcessingStrategyFactory):
    """Builds the chain of steps for every assignment of partitions."""

    def __init__(self, effects):
        self._effects = effects

    def create_with_partitions(self, commit, _partitions):
        """Build the chain from its last step to its first."""
        decide_and_store = RunTask(self._effects, CommitOffsets(commit))
        return RunTask(parse, BatchStep(500, 0.1, decide_and_store))


def main():
    """Run until SIGTERM."""
    settings = build_kafka_configuration({}, [work.SERVERS])
    producer_settings = {**settings, "acks": "all", "partitioner": "murmur2_random", "linger.ms": 1}
    producer = KafkaProducer(producer_settings)
    consumer_settings = build_kafka_consumer_configuration(
        {}, work.GROUP, auto_offset_reset="earliest", bootstrap_servers=[work.SERVERS]
    )
    processor = StreamProcessor(
        KafkaConsumer(consumer_settings),
        Topic(work.TOPIC),
        Factory(Effects(producer)),
        IMMEDIATE,
        DlqPolicy(KafkaDlqProducer(producer, Topic(work.DEAD_LETTERS))),
    )
    signal.signal(signal.SIGTERM, lambda *_: processor.signal_shutdown())
    processor.run()


if __name__ == "__main__":
    main()
