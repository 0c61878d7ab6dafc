"""Receipts of published rulings, stored next to the file so that a run can be resumed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from cli.import_rulings.checked import Checked
from cli.receipt_file import open_receipts, read_receipts, write_receipt


class Destination(NamedTuple):
    """Where rulings are published: a topic that was made anew is another one.

    The id of the topic is empty where the brokers know none.
    """

    cluster: str
    topic_id: str


class RulingReceipts:
    """What was published to one topic of one Kafka cluster, by event id; ignores other receipts.

    Receipts of earlier releases, without the id of a topic, count for any.
    """

    def __init__(self, path: Path, destination: Destination) -> None:
        self._path = path
        self._destination = destination
        self._digests = self._by_event_id("digest")
        self._contents = self._by_event_id("content")

    def _by_event_id(self, name: str) -> dict[str, str]:
        receipts = read_receipts(self._path, "cluster", "event_id", name, optional=["topic_id"])
        cluster, current_topic = self._destination
        return {
            event_id: value
            for its_cluster, event_id, value, topic_id in receipts
            if its_cluster == cluster and topic_id in {None, current_topic}
        }

    def has(self, checked: Checked) -> bool:
        """Return whether this event was published with this content, however it was typed.

        Release 0.1.0 derived the event's id from the case number as it was typed.
        """
        return self._contents.get(checked.event_id) == checked.content.hex() or any(
            self._digests.get(each.event_id) == each.digest.hex()
            for each in (checked.published, checked.in_0_1_0)
        )

    def has_other(self, checked: Checked) -> bool:
        """Return whether this event was published with other content."""
        return checked.event_id in self._digests and not self.has(checked)

    @contextmanager
    def writing(self) -> Iterator["RulingWriter"]:
        """Open the file for more receipts."""
        with open_receipts(self._path) as opened:
            yield RulingWriter(opened, self._destination)


class RulingWriter:
    """Appends receipts and flushes after each batch."""

    def __init__(self, opened: IO[bytes], destination: Destination) -> None:
        self._opened = opened
        self._destination = destination

    def published(self, batch: Iterable[Checked]) -> None:
        """Record that these were published."""
        for each in batch:
            receipt = {
                "line": each.line,
                "application_id": (each.event.key or b"").decode(),
                "event_id": each.event_id,
                "digest": each.published.digest.hex(),
                "content": each.content.hex(),
                **self._destination._asdict(),
            }
            write_receipt(self._opened, receipt)
        self._opened.flush()
