"""Whether a ground connects the Hong Kong business with the factory (S11). Pure.

What an application does not state is not judged: earlier forms did not ask for it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.eligibility.rules.programme import Phase, Programme, Shareholding
from shared.events.intake import (
    Connection,
    Factory,
    FactoryStream,
    OwnFactory,
    ResidentShareholding,
    Workshop,
)


class _Site(NamedTuple):
    """Where the site of a ground lies, who owns and operates it, and the reason if others do."""

    place: str
    holders: frozenset[str | None]
    refusal: str


_VENTURES: Final = frozenset({None, "equity-joint-venture", "co-operative-joint-venture"})
_FOREIGN_OWNED: Final = frozenset({None, "wholly-foreign-owned-enterprise"})
_OF_MAINLAND: Final = _Site(  # joint ventures and foreign-owned enterprises are Mainland ones, too
    "guangdong",
    _VENTURES | _FOREIGN_OWNED | {"other-mainland-enterprise"},
    "site-not-of-mainland-enterprise",
)
_OF_APPLICANT: Final = _Site("hong-kong", frozenset({None, "applicant"}), "site-not-of-applicant")
_SITES: Final = {
    "1a": _Site("guangdong", _VENTURES, "site-not-of-joint-venture"),
    "1b": _Site("guangdong", _FOREIGN_OWNED, "site-not-of-foreign-owned-enterprise"),
    "1c": _OF_MAINLAND,
    "1d": _OF_MAINLAND,
    "2": _OF_APPLICANT,
    "3": _OF_APPLICANT,
}


class Circumstances(NamedTuple):
    """What the grounds of one application are judged by."""

    factory: Factory
    stream: FactoryStream
    phase: Phase | None
    programme: Programme


def site_refusal(ground: Connection) -> str:
    """Return the reason against a ground whose site others own or operate."""
    return _SITES[ground.ground].refusal


def about_ground(ground: Connection, given: Circumstances) -> Iterator[str]:
    """Return every reason against one ground."""
    yield from _about_site(given.factory, _SITES[ground.ground])
    if ground.ground == "1d":
        yield from _about_shares(ground, given.programme.shareholding)
    elif ground.ground == "3":
        yield from _about_workshop(ground, given)
    elif ground.ground == "1c":
        if not ground.agreement_subsists:
            yield "agreement-not-subsisting"
        if ground.applicant_is_party is False:
            yield "not-party-to-agreement"
    else:
        yield from _about_own_factory(ground)


def _about_site(factory: Factory, site: _Site) -> Iterator[str]:
    if factory.place != site.place:
        yield f"factory-not-in-{site.place}"
    if not site.holders.issuperset((factory.owned_by, factory.operated_by)):
        yield site.refusal


def _about_own_factory(ground: OwnFactory) -> Iterator[str]:
    if ground.ground == "1a" and ground.applicant_is_party is False:
        yield "not-party-to-joint-venture"
    if ground.ground == "1b" and ground.applicant_gives_capital is False:
        yield "no-capital-from-applicant"


def _about_shares(ground: ResidentShareholding, limits: Shareholding) -> Iterator[str]:
    if ground.mainland_share_percent <= limits.mainland_above_percent:
        yield "mainland-share-too-low"
    if ground.hong_kong_share_percent < limits.hong_kong_from_percent:
        yield "hong-kong-share-too-low"
    if not ground.same_resident:
        yield "shares-of-different-persons"
    if ground.holder_is_natural_person is False:
        yield "holder-not-natural-person"
    if ground.holder_is_hong_kong_resident is False:
        yield "holder-not-hong-kong-resident"


def _about_workshop(ground: Workshop, given: Circumstances) -> Iterator[str]:
    workshops = given.programme.workshops
    if ground.processes == ("other",):
        yield "workshop-process-not-listed"
    if given.stream not in workshops.streams:
        yield "workshop-gets-demonstration-only"
    if given.phase is not None and not workshops.admitted_in(given.phase):
        yield "workshops-not-in-phase"
