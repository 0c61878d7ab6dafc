"""Notes beside a file of rulings which of them are published, so that a run can be resumed."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os import SEEK_END
from pathlib import Path
from typing import IO, Final

from cli.import_rulings.check import Checked

_SUFFIX: Final = ".receipts.ndjson"


def receipts_beside(file: Path) -> Path:
    """Name the receipts of a file."""
    return file.with_name(file.name + _SUFFIX)


class RulingReceipts:
    """What is published to one Kafka cluster, by event id; receipts of others do not count."""

    def __init__(self, path: Path, cluster: str) -> None:
        self._path = path
        self._cluster = cluster
        self._digests = dict(self._earlier())

    def has(self, checked: Checked) -> bool:
        """Tell whether this very event is published."""
        return self._digests.get(checked.event_id) == checked.digest.hex()

    @contextmanager
    def writing(self) -> Iterator["RulingWriter"]:
        """Open the file for more; one that was cut off by a crash is passed over."""
        with self._path.open("ab+") as opened:
            _end_last_line(opened)
            yield RulingWriter(opened, self._cluster)

    def _earlier(self) -> Iterator[tuple[str, str]]:
        if not self._path.exists():
            return
        with self._path.open("rb") as opened:
            for line in opened:
                with suppress(ValueError, KeyError, TypeError):
                    receipt = json.loads(line)
                    if receipt["cluster"] == self._cluster:
                        yield receipt["event_id"], receipt["digest"]


class RulingWriter:
    """Writes receipts down at once."""

    def __init__(self, opened: IO[bytes], cluster: str) -> None:
        self._opened = opened
        self._cluster = cluster

    def published(self, batch: Iterable[Checked]) -> None:
        """Note that these are published."""
        for each in batch:
            receipt = {
                "line": each.line,
                "application_id": (each.event.key or b"").decode(),
                "event_id": each.event_id,
                "digest": each.digest.hex(),
                "cluster": self._cluster,
            }
            self._opened.write(json.dumps(receipt).encode() + b"\n")
        self._opened.flush()


def _end_last_line(opened: IO[bytes]) -> None:
    if opened.seek(0, SEEK_END):
        opened.seek(-1, SEEK_END)
        if opened.read(1) != b"\n":
            opened.write(b"\n")
