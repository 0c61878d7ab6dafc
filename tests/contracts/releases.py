"""What earlier releases published: contracts, recorded events, and the source of their readers."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.gate import Contract

_FOLDER = Path(__file__).parent / "releases"
RELEASES = sorted(each.name for each in _FOLDER.iterdir() if each.is_dir())


@dataclass(frozen=True)
class RecordedEvent:
    """A record as a release wrote it; a tombstone has no value, and no type."""

    topic: str
    key: bytes
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @property
    def type(self) -> str:
        return dict(self.headers).get("ce_type", b"").decode()


def schemas(release: str) -> dict[str, dict[str, Any]]:
    """Return the schema of each event type of a release."""
    files = (_FOLDER / release / "schemas").glob("*.json")
    return {each.stem: json.loads(each.read_text(encoding="utf-8")) for each in files}


def contracts(release: str) -> dict[str, Contract]:
    """Return the contract of each event type of a release."""
    channels = json.loads((_FOLDER / release / "channels.json").read_text(encoding="utf-8"))
    known = schemas(release)
    return {name: Contract(**each, data=known[name]) for name, each in channels.items()}


def unpack_source(release: str, folder: Path) -> None:
    """Unpack the services of a release into a folder, from which they can be run."""
    with tarfile.open(_FOLDER / release / "source.tar.xz") as archive:
        archive.extractall(folder, filter="data")


def reader(release: str) -> Path:
    """Return the script that reads events with the services of a release."""
    return _FOLDER / release / "reader.py"


def recorded_events(release: str) -> list[RecordedEvent]:
    return [
        event
        for file in sorted((_FOLDER / release / "events").glob("*.ndjson"))
        for event in _read(file)
    ]


def _read(file: Path) -> Iterator[RecordedEvent]:
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        value = record["value"]
        yield RecordedEvent(
            topic=file.stem,
            key=record["key"].encode(),
            timestamp_ms=record["timestamp_ms"],
            headers=tuple((name, text.encode()) for name, text in record["headers"]),
            value=None if value is None else value.encode(),
        )
