"""What the platform accepted during a run, recorded at that moment."""

import threading
from dataclasses import dataclass, field

from tests.faults.observe.history import Accepted, Version


@dataclass
class Ledger:
    """Every accepted version, expected dead letter and error of the load. It is thread-safe."""

    accepted: list[Accepted] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    expected_dead_letters: dict[str, int] = field(default_factory=dict)  # by consumer group
    poison_values: set[bytes | None] = field(default_factory=set)
    past: set[Version] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(
        self, application_id: str, number: int, service: str, *, is_past: bool = False
    ) -> None:
        """Record an accepted version and the service that decides it; the past is not mailed."""
        version = Version(application_id, number)
        with self._lock:
            self.accepted.append(Accepted(version, service))
            self.past |= {version} if is_past else set()

    def record_error(self, error: str) -> None:
        """Record that the load failed, or that a correct request was refused."""
        with self._lock:
            self.errors.append(error)

    def expect_dead_letter(self, value: bytes | None, *groups: str) -> None:
        """Record a poison pill: each of these groups must publish it as a dead letter."""
        with self._lock:
            self.poison_values.add(value)
            for group in groups:
                count = self.expected_dead_letters.get(group, 0)
                self.expected_dead_letters[group] = count + 1
