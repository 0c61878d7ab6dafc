"""Which applications a load consists of: their streams and how often each is amended."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbers
from typing import Any

from tests.factories import application_body

CONTACT = {"name": "Chan Tai Man", "email": "chan@example.org", "language": "en"}
AMENDED_EVERY = 5
# A refusal that recipients of several domains meet is about the sender.
_DOMAINS = ("example.org", "example.com", "example.net")


@dataclass(frozen=True)
class Planned:
    """One application: its stream, and how often it will be amended."""

    number: int
    stream: str
    amendments: int

    @property
    def service(self) -> str:
        """The service that decides it."""
        return "recognition" if self.stream == "recognition" else "eligibility"

    @property
    def contact(self) -> dict[str, str]:
        """Its contact person; those of consecutive applications have addresses in other domains."""
        return {**CONTACT, "email": f"chan@{_DOMAINS[self.number % len(_DOMAINS)]}"}

    def body(self, version: int) -> dict[str, Any]:
        """Build the application of one version; no two versions are equal."""
        if self.stream == "recognition":
            changes = {"candidacy": {"measures_implemented": version}}
        else:
            changes = {"project": {"cost_cents": 10_000_000 + 10 * self.number + version}}
        return application_body(self.stream, **changes)


def applications(
    count: int | None, recognition_every: int = 0, amended_every: int = AMENDED_EVERY
) -> Iterator[Planned]:
    """Plan applications for funding; without a count, endlessly many.

    Every `recognition_every`-th applies for a label instead, every `amended_every`-th is amended
    one to three times.
    """
    for number in numbers() if count is None else range(count):
        is_candidacy = recognition_every and number % recognition_every == recognition_every - 1
        is_amended = amended_every and number % amended_every == 0
        amendments = number // amended_every % 3 + 1 if is_amended else 0
        yield Planned(number, "recognition" if is_candidacy else "new-technology", amendments)
