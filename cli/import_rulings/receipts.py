"""Receipts of published rulings, stored next to the file so that a run can be resumed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from cli.import_rulings.check import Checked
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
        self._digests = {
            event_id: digest
            for cluster, event_id, digest, topic_id in read_receipts(
                path, "cluster", "event_id", "digest", optional=["topic_id"]
            )
            if cluster == destination.cluster and topic_id in {None, destination.topic_id}
        }

    def has(self, checked: Checked) -> bool:
        """Return whether this event was published with exactly this content."""
        return self._digests.get(checked.event_id) == checked.digest.hex()

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
                "digest": each.digest.hex(),
                **self._destination._asdict(),
            }
            write_receipt(self._opened, receipt)
        self._opened.flush()
