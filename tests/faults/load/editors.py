"""What editors publish during a run: items, corrected and withdrawn, directly on their topic."""

import asyncio
from functools import cache
from uuid import uuid4

from shared.clock import utc_now
from shared.events.content import ITEMS, ItemPublished, ItemWithdrawn
from shared.events.envelope import SubjectIdentity
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.examples import event_examples
from tests.faults.run import Run


class Editors:
    """Publish technologies; `published` has the latest revision of each that is to be shown."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.published: dict[str, int] = {}
        settings = KafkaSettings(bootstrap_servers=run.addresses.kafka_bootstrap_servers)
        asyncio.run(provide_topics(settings, [ITEMS]))

    def publish(self, count: int) -> None:
        """Publish items that were never published before."""
        for _ in range(count):
            self._publish(f"item-{len(self.published)}", 1)

    def correct(self) -> None:
        """Publish each item anew, as its next revision."""
        for item_id, revision in list(self.published.items()):
            self._publish(item_id, revision + 1)

    def withdraw(self, item_id: str) -> None:
        """Withdraw an item."""
        example: ItemWithdrawn = event_examples("ItemWithdrawn")[0]
        changes = {"item_id": item_id, "revision": self.published.pop(item_id) + 1}
        self._write(example.model_copy(update=changes))

    def _publish(self, item_id: str, revision: int) -> None:
        self.published[item_id] = revision
        self._write(_technology().model_copy(update={"item_id": item_id, "revision": revision}))

    def _write(self, data: ItemPublished | ItemWithdrawn) -> None:
        identity = SubjectIdentity(type(data).__name__, data.item_id, str(uuid4()), utc_now())
        record = identity.record(ITEMS, data.model_dump_json().encode())
        self._run.kafka.write(record.topic, record.value, record.headers, record.key)


@cache
def _technology() -> ItemPublished:
    found = (each for each in event_examples("ItemPublished") if each.kind == "technology")
    example: ItemPublished = next(found)
    return example
