"""Rules between the fields of a submission. Pure: no I/O, no clock, no framework."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from shared.credit_codes import factory_number_flaw
from shared.events.intake import (
    Application,
    Connection,
    Factory,
    FactoryProjectApplication,
    FundingApplication,
    Manufacturer,
    NewTechnologyApplication,
    OrganisationSupportApplication,
    OwnFactory,
    RecognitionApplication,
)
from shared.identifiers import canonical

# The Programme started in April 2008; nothing was received before.
EARLIEST_RECEIPT: Final = datetime(2008, 1, 1, tzinfo=UTC)
_EARLIER_CASE: Final = "/application/repeat/earlier_case_number"


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
    yield from _about_numbers(application)
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


def _about_numbers(application: Application) -> Iterator[Breach]:
    """Return what is wrong with numbers that the events' schema cannot express."""
    match application:
        case RecognitionApplication(candidacy=Manufacturer(factory=factory)):
            yield from _about_factory("/application/candidacy/factory", factory)
        case FactoryProjectApplication(factory=factory, repeat=repeat):
            yield from _about_factory("/application/factory", factory)
            if repeat and not canonical(repeat.earlier_case_number):
                yield Breach(_EARLIER_CASE, "Must have a letter or a digit.")
        case NewTechnologyApplication(factory=factory):
            yield from _about_factory("/application/factory", factory)
        case _:
            pass


def _about_factory(pointer: str, factory: Factory) -> Iterator[Breach]:
    if flaw := factory_number_flaw(factory.registration_number):
        yield Breach(f"{pointer}/registration_number", flaw)


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
