"""Quix Streams: a dataframe over raw bytes, its MongoDB sink, and the output topic."""

from urllib.parse import urlsplit

from quixstreams import Application
from quixstreams.sinks.community.mongodb import MongoDBSink

from bench.contenders import work

NO_HISTORIES = work.read_histories((), ())


def decide(value):
    """Decide one application; return the document to store and the event to publish.

    There is no lookup: no step before the sink sees a batch, and a query for every message would
    put Quix Streams at a disadvantage.
    """
    document = work.decide(work.parse(value), value, NO_HISTORIES)
    return document, work.to_event(document)


def main():
    """Run until SIGTERM."""
    mongodb = urlsplit(work.MONGODB_URL)
    app = Application(
        broker_address=work.SERVERS,
        consumer_group=work.GROUP,
        auto_offset_reset="earliest",
        commit_every=2_000,
        auto_create_topics=False,
        use_changelog_topics=False,
        producer_extra_config={"acks": "all", "partitioner": "murmur2_random", "linger.ms": 1},
        loglevel="WARNING",
    )
    sink = MongoDBSink(
        host=mongodb.hostname,
        port=mongodb.port,
        db=work.DATABASE,
        collection="decisions",
        document_matcher=lambda item: {"_id": item.value["_id"]},
        replicaset="rs0",
        w="majority",
        journal=True,
    )
    decided = app.dataframe(app.topic(work.TOPIC, value_deserializer="bytes")).apply(decide)
    # The key of the input record is kept: the application id.
    events = decided.set_headers(lambda pair, *_: list(pair[1].headers))
    output = app.topic(work.OUTPUT, value_serializer="bytes")
    events.apply(lambda pair: pair[1].value).to_topic(output)
    decided.apply(lambda pair: pair[0]).sink(sink)
    app.run()


if __name__ == "__main__":
    main()
