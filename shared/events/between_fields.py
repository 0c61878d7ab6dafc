"""Rules between the fields of an application, which its schema cannot say. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
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

_EARLIER_CASE: Final = "/application/repeat/earlier_case_number"


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule, with the JSON pointer of the field."""

    pointer: str
    rule: str


def application_breaches(application: Application) -> Iterator[Breach]:
    """Return every broken rule between the fields of an application."""
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
