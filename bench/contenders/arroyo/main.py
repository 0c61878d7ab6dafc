"""sentry-arroyo: read, batch, decide, keep and publish, commit, with a dead-letter policy."""

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


def read(message):
    """Read one application; one that cannot be read is for the dead letters."""
    value = message.payload.value
    try:
        return work.read(value), value
    except ValidationError as error:
        raise InvalidMessage.from_value(message.value) from error


class Effects:
    """Decides a batch, keeps and publishes the decisions."""

    def __init__(self, producer):
        database = MongoClient(work.MONGODB_URL, **work.DURABLE)[work.DATABASE]
        self._completions, self._decisions = database["completions"], database["decisions"]
        self._producer = producer

    def __call__(self, message):
        """Return when all is confirmed."""
        confirmations = [
            self._producer.produce(OUTPUT, KafkaPayload(event.key, event.value, event.headers))
            for event in map(work.announced, self._keep(self._decided(message.payload)))
        ]
        for each in wait(confirmations).done:
            each.result()

    def _decided(self, messages):
        """Decide a batch, by what is known about its factories."""
        read = [each.payload for each in messages]
        asked = work.asked(event for event, _ in read)
        completions = self._completions.find(asked)
        known = work.known(completions, self._decisions.find(asked, work.OUTCOME))
        return [work.decided(*each, known) for each in read]

    def _keep(self, documents):
        """Keep decisions; those that are kept already stay, and are announced again."""
        kept = {each["_id"]: each for each in documents}
        try:
            self._decisions.insert_many(kept.values(), ordered=False)
        except BulkWriteError as error:
            known = [each["keyValue"]["_id"] for each in error.details["writeErrors"]]
            found = self._decisions.find({"_id": {"$in": known}})
            kept |= {each["_id"]: each for each in found}
        return kept.values()


class Factory(ProcessingStrategyFactory):
    """Builds the chain anew for every assignment of partitions."""

    def __init__(self, effects):
        self._effects = effects

    def create_with_partitions(self, commit, _partitions):
        """Chain the steps, the last one first."""
        decide_and_keep = RunTask(self._effects, CommitOffsets(commit))
        return RunTask(read, BatchStep(500, 0.1, decide_and_keep))


def main():
    """Run until told to stop."""
    settings = build_kafka_configuration({}, [work.SERVERS])
    producing = {**settings, "acks": "all", "partitioner": "murmur2_random", "linger.ms": 1}
    producer = KafkaProducer(producing)
    consuming = build_kafka_consumer_configuration(
        {}, work.GROUP, auto_offset_reset="earliest", bootstrap_servers=[work.SERVERS]
    )
    processor = StreamProcessor(
        KafkaConsumer(consuming),
        Topic(work.TOPIC),
        Factory(Effects(producer)),
        IMMEDIATE,
        DlqPolicy(KafkaDlqProducer(producer, Topic(work.DEAD_LETTERS))),
    )
    signal.signal(signal.SIGTERM, lambda *_: processor.signal_shutdown())
    processor.run()


if __name__ == "__main__":
    main()
