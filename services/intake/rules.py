"""Rules between the fields of a submission. Pure: no I/O, no clock, no framework."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from shared.events.between_fields import Breach, application_breaches
from shared.events.intake import Application

# The Programme started in April 2008; nothing was received before.
EARLIEST_RECEIPT: Final = datetime(2008, 1, 1, tzinfo=UTC)


def breaches(
    application: Application, received_at: datetime | None, now: datetime
) -> Iterator[Breach]:
    """Return every broken rule between fields; `received_at` is the client's own value."""
    if received_at and received_at > now:
        yield Breach("/received_at", "Must not be in the future.")
    if received_at and received_at < EARLIEST_RECEIPT:
        yield Breach("/received_at", "Must not be before 2008, when the Programme started.")
    yield from application_breaches(application)


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
