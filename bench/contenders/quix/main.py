"""Quix Streams: a dataframe over raw bytes, its MongoDB sink, and the output topic."""

from urllib.parse import urlsplit

from quixstreams import Application
from quixstreams.sinks.community.mongodb import MongoDBSink

from bench.contenders import work

NOTHING_KNOWN = work.known((), ())


def decide(value):
    """Decide one application: the document to keep, and the event that announces it.

    No step sees a batch before the sink does, and a look-up for every message would be unfair.
    """
    document = work.decided(work.read(value), value, NOTHING_KNOWN)
    return document, work.announced(document)


def main():
    """Run until told to stop."""
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
    # The key stays that of the record read: the application.
    events = decided.set_headers(lambda pair, *_: list(pair[1].headers))
    output = app.topic(work.OUTPUT, value_serializer="bytes")
    events.apply(lambda pair: pair[1].value).to_topic(output)
    decided.apply(lambda pair: pair[0]).sink(sink)
    app.run()


if __name__ == "__main__":
    main()
