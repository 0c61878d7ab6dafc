"""What earlier releases published: the schema of each event type, and recorded events."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
