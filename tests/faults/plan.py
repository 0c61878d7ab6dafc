"""Which applications a load is made of: streams, and how often each is amended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.factories import application_body

CONTACT = {"name": "Chan Tai Man", "email": "chan@example.org", "language": "en"}
AMENDED_EVERY = 5


@dataclass(frozen=True)
class Planned:
    """One application: what it asks for, and how often it will be amended."""

    number: int
    stream: str
    amendments: int

    @property
    def service(self) -> str:
        """Who decides it."""
        return "recognition" if self.stream == "recognition" else "eligibility"

    def body(self, version: int) -> dict[str, Any]:
        """Lay out a version; no two are alike."""
        if self.stream == "recognition":
            changes = {"candidacy": {"measures_implemented": version}}
        else:
            changes = {"project": {"cost_cents": 10_000_000 + 10 * self.number + version}}
        return application_body(self.stream, **changes)


def applications(count: int, recognition_every: int = 0) -> Iterator[Planned]:
    """Plan funding applications, every so many one for a label; every fifth is amended."""
    for number in range(count):
        is_candidacy = recognition_every and number % recognition_every == recognition_every - 1
        amendments = number // AMENDED_EVERY % 3 + 1 if number % AMENDED_EVERY == 0 else 0
        yield Planned(number, "recognition" if is_candidacy else "new-technology", amendments)
