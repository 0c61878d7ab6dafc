"""Rules between the fields of a submission. Pure: no I/O, no clock, no framework."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from shared.events.intake import (
    Application,
    Connection,
    FundingApplication,
    OrganisationSupportApplication,
    OwnFactory,
    RecognitionApplication,
)

# The Programme started in April 2008; nothing was received before.
EARLIEST_RECEIPT: Final = datetime(2008, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule, with the JSON pointer of the field."""

    pointer: str
    rule: str


def breaches(
    application: Application, received_at: datetime | None, now: datetime
) -> Iterator[Breach]:
    """Return every broken rule between fields; `received_at` is the client's own value."""
    if received_at and received_at > now:
        yield Breach("/received_at", "Must not be in the future.")
    if received_at and received_at < EARLIEST_RECEIPT:
        yield Breach("/received_at", "Must not be before 2008, when the Programme started.")
    if not isinstance(application, RecognitionApplication):
        yield from _about_funding(application)


def _about_funding(application: FundingApplication) -> Iterator[Breach]:
    if application.project.ends_on < application.project.starts_on:
        yield Breach("/application/project/ends_on", "Must not be before starts_on.")
    if not isinstance(application, OrganisationSupportApplication):
        yield from _about_ground(application.connection, "/application/connection")
        for number, ground in enumerate(application.further_grounds):
            yield from _about_ground(ground, f"/application/further_grounds/{number}")


def _about_ground(ground: Connection, pointer: str) -> Iterator[Breach]:
    """Return every fact that a ground does not depend on: stated there, it would not be judged."""
    if isinstance(ground, OwnFactory):
        for name, of_ground in _OWN_FACTORY_FACTS.items():
            if ground.ground != of_ground and getattr(ground, name) is not None:
                rule = f"Must be left out: ground {ground.ground} does not depend on it."
                yield Breach(f"{pointer}/{name}", rule)


_OWN_FACTORY_FACTS: Final = {"applicant_is_party": "1a", "applicant_gives_capital": "1b"}


def amendment_breaches(
    application: Application, received_at: datetime | None, stream: str, now: datetime
) -> Iterator[Breach]:
    """Return every broken rule of an amendment of an application to `stream`."""
    if received_at:
        yield Breach(
            "/received_at",
            "Leave it out: the date of the first receipt cannot be changed.",
        )
    if application.stream != stream:
        yield Breach(
            "/application/stream",
            f"Must remain {stream}. For another stream submit a new application.",
        )
    yield from breaches(application, None, now)
