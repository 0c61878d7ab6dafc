"""How far a run is: how many effects there are, how far behind the groups are, what is undone."""

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
    """Looks at a run from outside, while servers may be down: then nothing is known."""

    def __init__(self, addresses: Addresses, ledger: Ledger) -> None:
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(
            addresses.mongodb_url, serverSelectionTimeoutMS=2_000, socketTimeoutMS=20_000
        )
        self._servers = addresses.kafka_bootstrap_servers
        self._ledger = ledger
        self._consumers: dict[str, Consumer] = {}
        self._known: dict[str, list[tuple[str, int]]] = {}  # partitions by topic
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close what was opened."""
        self.mongo.close()
        for each in self._consumers.values():
            each.close()

    def topics(self) -> list[str]:
        """Name all topics but Kafka's own."""
        found = AdminClient({"bootstrap.servers": self._servers}).list_topics(timeout=30).topics
        return sorted(name for name in found if not name.startswith("__"))

    def effects(self, service: str) -> int | None:
        """Count the effects that a service has had; nothing while that cannot be told."""
        counts: dict[str, Callable[[], int | None]] = {
            "intake": lambda: len(self._ledger.accepted),
            "notify": lambda: self.records(NOTIFICATIONS),
            **{each: self._counting(each) for each in DECISIONS},
        }
        try:
            return counts[service]()
        except PyMongoError:
            return None

    def records(self, topic: str) -> int | None:
        """Count the records of a topic; nothing while that cannot be told."""
        try:
            return sum(self._ends([topic]).values())
        except KafkaException:
            return None

    def _counting(self, service: str) -> Callable[[], int]:
        return self.mongo[service].decisions.estimated_document_count

    def lag(self, group: str) -> int:
        """Count the records that a group has not committed yet."""
        with self._lock:
            ends = self._ends(READS[group], group)
            asked = [TopicPartition(*place) for place in ends]
            committed = self._consumer(group).committed(asked, timeout=_SECONDS)
            return sum(ends[each.topic, each.partition] - max(0, each.offset) for each in committed)

    def undone(self, services: Iterable[str]) -> int | None:
        """Count what is left to do: to read, to publish, to send; nothing while nobody can tell."""
        services = set(services)
        try:
            return (
                sum(self.lag(each) for each in services & READS.keys())
                + ("intake" in services and self._undone("intake", "applications"))
                + ("notify" in services and self._undone("notify", "notifications"))
            )
        except KafkaException:
            self._forget()
            return None
        except PyMongoError:
            return None

    def _forget(self) -> None:
        """Ask anew who leads what: librdkafka can stay wrong when brokers have come and gone."""
        with self._lock:
            for each in self._consumers.values():
                each.close()
            self._consumers.clear()
            self._known.clear()

    def _undone(self, database: str, collection: str) -> int:
        undone = [{"outbox": {"$exists": True}}, {"due_at": {"$exists": True}}]
        return self.mongo[database][collection].count_documents({"$or": undone})

    def _ends(self, topics: Iterable[str], group: str = "nobody") -> dict[tuple[str, int], int]:
        with self._lock:
            consumer = self._consumer(group)
            return {
                place: consumer.get_watermark_offsets(TopicPartition(*place), _SECONDS)[1]
                for topic in topics
                for place in self._partitions(topic, consumer)
            }

    def _partitions(self, topic: str, consumer: Consumer) -> list[tuple[str, int]]:
        if topic not in self._known:
            found = consumer.list_topics(timeout=_SECONDS).topics.get(topic)
            if found is None:
                return []
            self._known[topic] = [(topic, each) for each in found.partitions]
        return self._known[topic]

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
