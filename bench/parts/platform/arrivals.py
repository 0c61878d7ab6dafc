"""The mails that the sink has received, read from the file that it writes."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Arrivals:
    """When mails arrived, by recipient; `update` reads what is new in the file."""

    file: Path
    by_recipient: dict[str, list[float]] = field(default_factory=dict)
    port: int = 0
    _read: int = 0

    def update(self) -> None:
        """Read the lines that were added since the last call."""
        if not self.file.exists():
            return
        with self.file.open() as lines:
            lines.seek(self._read)
            text = lines.read()
        complete = text[: text.rfind("\n") + 1]
        self._read += len(complete)  # the addresses are ASCII
        for line in complete.splitlines():
            self._take(line)

    def _take(self, line: str) -> None:
        at, _, recipient = line.partition(" ")
        if recipient:
            self.by_recipient.setdefault(recipient, []).append(float(at))
        else:
            self.port = int(at)

    def count(self, label: str) -> int:
        """Return how many mails have arrived for the applications of that label."""
        self.update()
        return sum(len(times) for whom, times in self.by_recipient.items() if _has(label, whom))

    def of(self, label: str) -> dict[str, list[float]]:
        """Return the arrival times for the applications of that label, by recipient."""
        return {whom: times for whom, times in self.by_recipient.items() if _has(label, whom)}


def _has(label: str, recipient: str) -> bool:
    return recipient.startswith(f"{label}-")
