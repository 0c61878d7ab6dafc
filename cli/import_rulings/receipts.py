"""Receipts of published rulings, stored next to the file so that a run can be resumed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cli.import_rulings.check import Checked
from cli.receipt_file import open_receipts, read_receipts, write_receipt


class RulingReceipts:
    """What was published to one Kafka cluster, by event id; ignores other clusters' receipts."""

    def __init__(self, path: Path, cluster: str) -> None:
        self._path = path
        self._cluster = cluster
        self._digests = {
            event_id: digest
            for its_cluster, event_id, digest in read_receipts(
                path, "cluster", "event_id", "digest"
            )
            if its_cluster == cluster
        }

    def has(self, checked: Checked) -> bool:
        """Return whether this event was published with exactly this content."""
        return self._digests.get(checked.event_id) == checked.digest.hex()

    def has_other(self, checked: Checked) -> bool:
        """Return whether this event was published with other content."""
        return checked.event_id in self._digests and not self.has(checked)

    @contextmanager
    def writing(self) -> Iterator["RulingWriter"]:
        """Open the file for more receipts."""
        with open_receipts(self._path) as opened:
            yield RulingWriter(opened, self._cluster)


class RulingWriter:
    """Appends receipts and flushes after each batch."""

    def __init__(self, opened: IO[bytes], cluster: str) -> None:
        self._opened = opened
        self._cluster = cluster

    def published(self, batch: Iterable[Checked]) -> None:
        """Record that these were published."""
        for each in batch:
            receipt = {
                "line": each.line,
                "application_id": (each.event.key or b"").decode(),
                "event_id": each.event_id,
                "digest": each.digest.hex(),
                "cluster": self._cluster,
            }
            write_receipt(self._opened, receipt)
        self._opened.flush()
