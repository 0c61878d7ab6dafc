"""How far a run has got: effects so far, lag of the consumer groups, work left to do."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devstack.servers.addresses import Addresses
from tests.faults.load.ledger import Ledger
from tests.faults.observe.history import DECISIONS, NOTIFICATIONS, READS

_SECONDS = 5.0


class Progress:
    """Observes a run from outside.

    `effects`, `records` and `undone` return None while a server that they need is down.
    """

    def __init__(self, addresses: Addresses, ledger: Ledger) -> None:
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(
            addresses.mongodb_url, serverSelectionTimeoutMS=2_000, socketTimeoutMS=20_000
        )
        self._servers = addresses.kafka_bootstrap_servers
        self._ledger = ledger
        self._consumers: dict[str, Consumer] = {}
        self._known_partitions: dict[str, list[tuple[str, int]]] = {}  # by topic
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close all connections."""
        self.mongo.close()
        for each in self._consumers.values():
            each.close()

    def topics(self) -> list[str]:
        """Return the names of all topics except Kafka's internal ones."""
        found = AdminClient({"bootstrap.servers": self._servers}).list_topics(timeout=30).topics
        return sorted(name for name in found if not name.startswith("__"))

    def effects(self, service: str) -> int | None:
        """Count the effects of a service so far."""
        counts: dict[str, Callable[[], int | None]] = {
            "intake": lambda: len(self._ledger.accepted),
            "notify": lambda: self.records(NOTIFICATIONS),
            **{each: self._count_decisions(each) for each in DECISIONS},
        }
        try:
            return counts[service]()
        except PyMongoError:
            return None

    def records(self, topic: str) -> int | None:
        """Count the records of a topic."""
        try:
            return sum(self._ends([topic]).values())
        except KafkaException:
            return None

    def _count_decisions(self, service: str) -> Callable[[], int]:
        return self.mongo[service].decisions.estimated_document_count

    def lag(self, group: str) -> int:
        """Count the records that a group has not committed yet."""
        with self._lock:
            ends = self._ends(READS[group], group)
            partitions = [TopicPartition(*each) for each in ends]
            committed = self._consumer(group).committed(partitions, timeout=_SECONDS)
            return sum(ends[each.topic, each.partition] - max(0, each.offset) for each in committed)

    def undone(self, services: Iterable[str]) -> int | None:
        """Count what is left to do: records to read, events to publish, mails to send."""
        services = set(services)
        try:
            return (
                sum(self.lag(each) for each in services & READS.keys())
                + ("intake" in services and self._undone("intake", "applications"))
                + ("notify" in services and self._undone("notify", "notifications"))
            )
        except KafkaException:
            self._reset()
            return None
        except PyMongoError:
            return None

    def _reset(self) -> None:
        """Discard all metadata: librdkafka's can stay outdated after brokers restarted."""
        with self._lock:
            for each in self._consumers.values():
                each.close()
            self._consumers.clear()
            self._known_partitions.clear()

    def _undone(self, database: str, collection: str) -> int:
        undone = [{"outbox": {"$exists": True}}, {"due_at": {"$exists": True}}]
        return self.mongo[database][collection].count_documents({"$or": undone})

    def _ends(self, topics: Iterable[str], group: str = "observer") -> dict[tuple[str, int], int]:
        with self._lock:
            consumer = self._consumer(group)
            return {
                partition: consumer.get_watermark_offsets(TopicPartition(*partition), _SECONDS)[1]
                for topic in topics
                for partition in self._partitions(topic, consumer)
            }

    def _partitions(self, topic: str, consumer: Consumer) -> list[tuple[str, int]]:
        if topic not in self._known_partitions:
            found = consumer.list_topics(timeout=_SECONDS).topics.get(topic)
            if found is None:
                return []
            self._known_partitions[topic] = [(topic, each) for each in found.partitions]
        return self._known_partitions[topic]

    def _consumer(self, group: str) -> Consumer:
        if group not in self._consumers:
            self._consumers[group] = Consumer(
                {
                    "bootstrap.servers": self._servers,
                    "group.id": group,
                    "enable.auto.commit": False,
                    "isolation.level": "read_committed",  # ends are last stable offsets
                }
            )
        return self._consumers[group]
