"""Fixed cases of what an applicant states beyond the form of release 0.1.0, both ways."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from samples.figures import ASSESSMENTS, DEMONSTRATIONS, OFFERS, PHASE_4, Offer
from samples.forms import Forms
from samples.sample import Expected, Json, Sample, eligible, ineligible, referred
from samples.worked import form_for

# HK$20,000 of cost: half of it is below every ceiling.
_COST: Final = 2_000_000
_GRANTED: Final = eligible(1_000_000)
_HONG_KONG: Final = {"place": "hong-kong"}

# The last day of the business registration, and the instant of receipt: on that day it is in force,
# on the next it has expired (S10, S11).
REGISTRATIONS: Final = (
    ("2023-06-15", "2023-06-15T00:00:00+08:00", True),
    ("2023-06-15", "2023-06-15T23:59:59.999+08:00", True),
    ("2023-06-15", "2023-06-15T15:59:59.999Z", True),
    ("2023-06-15", "2023-06-15T16:00:00Z", False),
    ("2023-06-15", "2023-06-16T00:00:00+08:00", False),
    ("2023-06-15", "2023-06-15T11:59:59.999-04:00", True),
    ("2024-02-29", "2024-02-29T12:00:00+08:00", True),
    ("2024-02-28", "2024-02-29T12:00:00+08:00", False),
)

_EQUITY: Final = "equity-joint-venture"
_CO_OPERATIVE: Final = "co-operative-joint-venture"
_FOREIGN: Final = "wholly-foreign-owned-enterprise"
_MAINLAND: Final = "other-mainland-enterprise"

# A ground, who owns and who operates its site, and the refusals (S11).
_VENTURE_ALONE: Final = ("site-not-of-joint-venture",)
_FOREIGN_ALONE: Final = ("site-not-of-foreign-owned-enterprise",)
_MAINLAND_ALONE: Final = ("site-not-of-mainland-enterprise",)
_APPLICANT_ALONE: Final = ("site-not-of-applicant",)
SITES: Final = (
    ("1a", _EQUITY, _EQUITY, ()),
    ("1a", _CO_OPERATIVE, _CO_OPERATIVE, ()),
    ("1a", _EQUITY, "other", _VENTURE_ALONE),
    ("1a", "applicant", _EQUITY, _VENTURE_ALONE),
    ("1a", _FOREIGN, _FOREIGN, _VENTURE_ALONE),
    ("1b", _FOREIGN, _FOREIGN, ()),
    ("1b", _FOREIGN, _MAINLAND, _FOREIGN_ALONE),
    ("1b", _EQUITY, _EQUITY, _FOREIGN_ALONE),
    ("1c", _MAINLAND, _MAINLAND, ()),
    ("1c", _FOREIGN, _FOREIGN, ()),
    ("1c", "applicant", "applicant", _MAINLAND_ALONE),
    ("1d", _MAINLAND, _MAINLAND, ()),
    ("1d", _MAINLAND, "other", _MAINLAND_ALONE),
    ("2", "applicant", "applicant", ()),
    ("2", "applicant", "other", _APPLICANT_ALONE),
    ("3", "applicant", "applicant", ()),
    ("3", "other", "applicant", _APPLICANT_ALONE),
)

_SHARES: Final = {
    "ground": "1d",
    "mainland_share_percent": "50.01",
    "hong_kong_share_percent": "30",
    "same_resident": True,
}
_BY_GROUND: Final[dict[str, Json]] = {
    "1a": {"ground": "1a", "applicant_is_party": True},
    "1b": {"ground": "1b", "applicant_gives_capital": True},
    "1c": {"ground": "1c", "agreement_subsists": True, "applicant_is_party": True},
    "1d": _SHARES,
    "2": {"ground": "2"},
    "3": {"ground": "3", "processes": ["paint-spraying-and-curing"]},
}

# The applicant's part in a ground, and the refusals (S11).
PARTS: Final = (
    ({"ground": "1a", "applicant_is_party": True}, ()),
    ({"ground": "1a", "applicant_is_party": False}, ("not-party-to-joint-venture",)),
    ({"ground": "1b", "applicant_gives_capital": True}, ()),
    ({"ground": "1b", "applicant_gives_capital": False}, ("no-capital-from-applicant",)),
    (_BY_GROUND["1c"], ()),
    (_BY_GROUND["1c"] | {"applicant_is_party": False}, ("not-party-to-agreement",)),
    (_SHARES | {"holder_is_natural_person": True, "holder_is_hong_kong_resident": True}, ()),
    (_SHARES | {"holder_is_natural_person": False}, ("holder-not-natural-person",)),
    (_SHARES | {"holder_is_hong_kong_resident": False}, ("holder-not-hong-kong-resident",)),
    (
        _SHARES | {"holder_is_natural_person": False, "holder_is_hong_kong_resident": False},
        ("holder-not-natural-person", "holder-not-hong-kong-resident"),
    ),
)

# The first ground, further ones, what else there is to the factory, and the refusals: those of each
# ground if none holds.
_ENDED: Final = {"ground": "1c", "agreement_subsists": False}
_NO_CAPITAL: Final = {"ground": "1b", "applicant_gives_capital": False}
SEVERAL_GROUNDS: Final[tuple[tuple[Json, list[Json], Json, tuple[str, ...]], ...]] = (
    (_ENDED, [_SHARES], {}, ()),
    (_SHARES, [_ENDED], {}, ()),
    (_NO_CAPITAL, [_ENDED, _SHARES], {}, ()),
    ({"ground": "1a"}, [{"ground": "1b"}], {"owned_by": _FOREIGN, "operated_by": _FOREIGN}, ()),
    ({"ground": "1b"}, [{"ground": "2"}], _HONG_KONG, ()),
    (_ENDED, [_NO_CAPITAL], {}, ("agreement-not-subsisting", "no-capital-from-applicant")),
    (
        {"ground": "1a"},
        [{"ground": "2"}],
        {"owned_by": _FOREIGN, "operated_by": _FOREIGN},
        ("site-not-of-joint-venture", "factory-not-in-hong-kong", "site-not-of-applicant"),
    ),
    (_NO_CAPITAL, [_NO_CAPITAL], {}, ("no-capital-from-applicant",)),
)

# Cost, sum asked for and grant, in cents: the grant is not more than was asked for.
_BY_REQUEST: Final = "grant-is-sum-asked-for"
_BY_SHARE: Final = "grant-is-share"
_BY_CEILING: Final = "grant-is-ceiling"
REQUESTS: Final = (
    ("2", "assessment", 4_000_000, 2_000_001, 2_000_000, _BY_SHARE),
    ("2", "assessment", 4_000_000, 2_000_000, 2_000_000, _BY_SHARE),
    ("2", "assessment", 4_000_000, 1_999_999, 1_999_999, _BY_REQUEST),
    ("2", "assessment", 4_000_001, 2_000_000, 2_000_000, _BY_SHARE),
    ("3", "demonstration", 70_000_000, 33_000_001, 33_000_000, _BY_CEILING),
    ("3", "demonstration", 70_000_000, 33_000_000, 33_000_000, _BY_CEILING),
    ("3", "demonstration", 70_000_000, 32_999_999, 32_999_999, _BY_REQUEST),
    ("4", "demonstration-ii", 140_000_000, 1, 1, _BY_REQUEST),
    ("4", "assessment", 9_000_000, 100_000_000_000, 4_500_000, _BY_SHARE),
    ("5", "new-technology", 140_000_000, 60_000_000, 60_000_000, _BY_REQUEST),
)

_REPEAT: Final = {
    "earlier_case_number": "CP-2009-0417",
    "implemented_measure": "Heat recovery from the drying line",
    "measure_is_facility_investment": True,
    "environmental_benefit_shown": True,
    "change": "recognition-sought",
    "recognition": {"status": "pursued", "level": "national"},
}


def stated_cases(forms: Forms) -> Iterator[Sample]:
    """Yield every fixed case once."""
    yield from _registrations(forms)
    yield from _sites(forms)
    yield from _parts(forms)
    yield from _several_grounds(forms)
    yield from _requests(forms)
    yield from _other_funding(forms)
    yield from _second_assessments(forms)


def _registrations(forms: Forms) -> Iterator[Sample]:
    for valid_until, written, in_force in REGISTRATIONS:
        when = datetime.fromisoformat(written)
        enterprise = {"business_registration_valid_until": valid_until}
        form = forms.for_factory("demonstration-i", _COST, when, enterprise=enterprise)
        expected = _GRANTED if in_force else ineligible("business-registration-expired")
        yield Sample(form, when, expected, states_more=True)


def _sites(forms: Forms) -> Iterator[Sample]:
    for number, (ground, owner, operator, refusals) in enumerate(SITES):
        factory = {"owned_by": owner, "operated_by": operator}
        if ground in {"2", "3"}:
            factory |= _HONG_KONG
        offer = DEMONSTRATIONS[number % len(DEMONSTRATIONS)]
        expected = _unless(refusals)
        yield _of(forms, offer, expected, connection=dict(_BY_GROUND[ground]), factory=factory)


def _parts(forms: Forms) -> Iterator[Sample]:
    for number, (connection, refusals) in enumerate(PARTS):
        offer = OFFERS[number % len(OFFERS)]
        yield _of(forms, offer, _unless(refusals), connection=dict(connection))


def _several_grounds(forms: Forms) -> Iterator[Sample]:
    for number, (connection, further, factory, refusals) in enumerate(SEVERAL_GROUNDS):
        offer = OFFERS[number % len(OFFERS)]
        yield _of(
            forms,
            offer,
            _unless(refusals),
            connection=dict(connection),
            further_grounds=further,
            factory=factory,
        )
    # A workshop with a process that is not named is referred, however the other ground fails.
    workshop = {"ground": "3", "processes": ["other"]}
    yield _of(
        forms,
        DEMONSTRATIONS[0],
        referred("workshop-process-not-listed", _BY_SHARE),
        connection=dict(_ENDED),
        further_grounds=[workshop],
        factory=dict(_HONG_KONG),
    )


def _requests(forms: Forms) -> Iterator[Sample]:
    for phase, stream, cost_cents, requested_cents, grant_cents, reason in REQUESTS:
        offer = next(each for each in OFFERS if (each.phase, each.stream) == (phase, stream))
        expected = eligible(grant_cents, reason)
        project = {"requested_cents": requested_cents}
        yield _of(forms, offer, expected, cost_cents, project=project)


def _other_funding(forms: Forms) -> Iterator[Sample]:
    """Yield projects that other public funds pay for, too: an officer decides (S36)."""
    asked = referred("other-public-funding", _BY_SHARE)
    for offer in OFFERS[::3]:
        yield _of(forms, offer, asked, project={"other_public_funding": True})
        yield _of(forms, offer, _GRANTED, project={"other_public_funding": False})
    when = forms.moment(*PHASE_4)
    project = {"other_public_funding": True, "requested_cents": 5_000_000}
    form = forms.for_organisation(10_000_000, when, project=project)
    yield Sample(form, when, referred("other-public-funding", "ceiling-not-set"), states_more=True)


def _second_assessments(forms: Forms) -> Iterator[Sample]:
    """Yield claims to a second assessment: no record has the first one (S1)."""
    for offer in ASSESSMENTS:
        expected = referred("earlier-assessment-not-in-record", _BY_SHARE)
        yield _of(forms, offer, expected, repeat=dict(_REPEAT))


def _of(
    forms: Forms, offer: Offer, expected: Expected, cost_cents: int = _COST, **more: Any
) -> Sample:
    when = forms.moment(offer.first_day, offer.last_day)
    form = form_for(forms, offer, cost_cents, when, **more)
    return Sample(form, when, expected, states_more=True)


def _unless(refusals: tuple[str, ...]) -> Expected:
    return ineligible(*refusals) if refusals else _GRANTED
