"""What was promised in a run, noted at the moment of the promise."""

import threading
from dataclasses import dataclass, field

from tests.faults.observe.history import Accepted, Version


@dataclass
class Ledger:
    """Every accepted version, and every answer that should not have been; for many threads."""

    accepted: list[Accepted] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    poison: dict[str, int] = field(default_factory=dict)
    poison_values: set[bytes] = field(default_factory=set)
    past: set[Version] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(
        self, application_id: str, number: int, service: str, *, is_past: bool = False
    ) -> None:
        """Note a promise; one of long ago is kept without a mail."""
        version = Version(application_id, number)
        with self._lock:
            self.accepted.append(Accepted(version, service))
            self.past |= {version} if is_past else set()

    def refuse(self, why: str) -> None:
        """Note that something was refused for good that nothing was wrong with."""
        with self._lock:
            self.refusals.append(why)

    def poisoned(self, value: bytes, *groups: str) -> None:
        """Note a record that these groups will have to give up."""
        with self._lock:
            self.poison_values.add(value)
            for group in groups:
                self.poison[group] = self.poison.get(group, 0) + 1

    def wanted(self, service: str) -> int:
        """Count the versions that a service has to decide."""
        with self._lock:
            return sum(each.service == service for each in self.accepted)
