"""Fixed cases: the worked examples of the sources, and both sides of every boundary."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from samples.figures import OFFERS, Offer
from samples.forms import Forms
from samples.sample import Expected, Form, Json, Sample, eligible, ineligible, referred

_NO_PHASE: Final = ineligible("no-open-phase")
_NOT_SETTLED: Final = referred("phase-dates-not-set")
_BY_CEILING: Final = "grant-is-ceiling"

# HK$60,000 of cost is above the ceilings of phases 2 and 3 and below that of phase 4.
_ASSESSED: Final = {
    "2": eligible(2_500_000, _BY_CEILING),
    "3": eligible(2_800_000, _BY_CEILING),
    "4": eligible(3_000_000),
}
# HK$700,000 likewise.
_DEMONSTRATED: Final = {
    "2": eligible(30_000_000, _BY_CEILING),
    "3": eligible(33_000_000, _BY_CEILING),
    "4": eligible(35_000_000),
    "5": eligible(35_000_000),
}

# First and last instants of phases (S1, S11, S14) and of what is not settled (S5, S10).
EDGES: Final = (
    ("2013-03-31T23:59:59.999+08:00", "assessment", _NO_PHASE),
    ("2013-03-31T15:59:59.999Z", "demonstration", _NO_PHASE),
    ("2013-04-01T00:00:00+08:00", "assessment", _ASSESSED["2"]),
    ("2013-03-31T16:00:00Z", "demonstration", _DEMONSTRATED["2"]),
    ("2013-03-31T12:00:00-04:00", "assessment", _ASSESSED["2"]),
    ("2015-03-31T23:59:59.999+08:00", "demonstration", _DEMONSTRATED["2"]),
    ("2015-04-01T00:59:59.999+09:00", "assessment", _ASSESSED["2"]),
    ("2015-03-31T16:00:00Z", "assessment", _NO_PHASE),
    ("2015-04-01T00:00:00+08:00", "demonstration", _NO_PHASE),
    ("2015-06-14T23:59:59.999+08:00", "assessment", _NO_PHASE),
    ("2015-06-14T11:59:59.999-04:00", "demonstration", _NO_PHASE),
    ("2015-06-15T00:00:00+08:00", "demonstration", _DEMONSTRATED["3"]),
    ("2015-06-14T16:00:00Z", "assessment", _ASSESSED["3"]),
    ("2020-03-31T23:59:59.999+08:00", "assessment", _ASSESSED["3"]),
    ("2020-03-31T21:29:59.999+05:30", "demonstration", _DEMONSTRATED["3"]),
    ("2020-03-31T16:00:00Z", "demonstration-i", _NOT_SETTLED),
    ("2020-04-01T01:00:00+09:00", "assessment", _NOT_SETTLED),
    ("2020-12-30T23:59:59.999+08:00", "demonstration-ii", _NOT_SETTLED),
    ("2020-12-31T00:00:00+08:00", "demonstration-ii", _DEMONSTRATED["4"]),
    ("2020-12-30T11:00:00-05:00", "assessment", _ASSESSED["4"]),
    ("2025-03-31T23:59:59.999+08:00", "demonstration-i", _DEMONSTRATED["4"]),
    ("2025-03-31T11:59:59.999-04:00", "assessment", _ASSESSED["4"]),
    ("2025-03-31T16:00:00Z", "new-technology", _NOT_SETTLED),
    ("2025-04-01T00:00:00+08:00", "new-technology", _NOT_SETTLED),
    ("2025-12-30T15:59:59.999Z", "new-technology", _NOT_SETTLED),
    ("2025-12-30T16:00:00Z", "new-technology", _DEMONSTRATED["5"]),
    ("2025-12-31T00:00:00+08:00", "new-technology", _DEMONSTRATED["5"]),
)

# Costs in whole dollars with the grants that the sources lead to (S1, S9, S10, S14).
WORKED: Final = (
    ("2", "assessment", ((40_000, 20_000), (50_000, 25_000), (60_000, 25_000))),
    ("2", "demonstration", ((500_000, 250_000), (700_000, 300_000))),
    ("3", "assessment", ((40_000, 20_000), (60_000, 28_000))),
    ("3", "demonstration", ((600_000, 300_000), (700_000, 330_000))),
    ("4", "assessment", ((80_000, 40_000), (90_000, 45_000), (100_000, 45_000))),
    ("4", "demonstration-i", ((800_000, 400_000), (1_000_000, 450_000))),
    ("4", "demonstration-ii", ((1_000_000, 500_000), (1_400_000, 650_000))),
)
WORKED_TECHNOLOGIES: Final = (
    ("others", 1_400_000, 650_000),
    ("hong-kong", 1_400_000, 700_000),
    ("hong-kong", 1_600_000, 750_000),
    ("hong-kong-and-guangdong", 1_400_000, 700_000),
    ("hong-kong-and-guangdong", 1_600_000, 750_000),
)

# Ground 1d: the resident's shares of the Mainland enterprise and of the Hong Kong Business, and
# whether one person holds both. More than 50 %, at least 30 % (S11).
SHAREHOLDINGS: Final = (
    ("50", "30", True, ("mainland-share-too-low",)),
    ("50.01", "30", True, ()),
    ("50.0001", "30", True, ()),
    ("60", "29.99", True, ("hong-kong-share-too-low",)),
    ("60", "29.9999", True, ("hong-kong-share-too-low",)),
    ("60", "30", False, ("shares-of-different-persons",)),
    ("50", "29.99", True, ("mainland-share-too-low", "hong-kong-share-too-low")),
    (
        "49.99",
        "0",
        False,
        ("mainland-share-too-low", "hong-kong-share-too-low", "shares-of-different-persons"),
    ),
    ("100", "100", True, ()),
)

# Phase 4: an assessment ends within 3 months, other projects within 12 (S9). The same day of the
# last month still counts, and its last day where it has no such day.
DURATIONS: Final = (
    ("assessment", "2023-01-15", "2023-04-15", True),
    ("assessment", "2023-01-15", "2023-04-16", False),
    ("assessment", "2022-11-30", "2023-02-28", True),
    ("assessment", "2022-11-30", "2023-03-01", False),
    ("assessment", "2023-11-30", "2024-02-29", True),
    ("assessment", "2023-11-30", "2024-03-01", False),
    ("demonstration-i", "2024-02-29", "2025-02-28", True),
    ("demonstration-i", "2024-02-29", "2025-03-01", False),
    ("demonstration-ii", "2022-06-01", "2023-06-01", True),
    ("demonstration-ii", "2022-06-01", "2023-06-02", False),
)


def worked_cases(forms: Forms) -> Iterator[Sample]:
    """Yield every fixed case once."""
    yield from _edges(forms)
    yield from _worked_figures(forms)
    yield from _around_ceilings(forms)
    yield from _shareholdings(forms)
    yield from _durations(forms)


def form_for(forms: Forms, offer: Offer, cost_cents: int, when: datetime, **more: Json) -> Form:
    """Invent an application for an offered grant."""
    if offer.stream == "new-technology":
        return forms.for_new_technology(offer.developed_by, cost_cents, when, **more)
    return forms.for_factory(offer.stream, cost_cents, when, **more)


def _edges(forms: Forms) -> Iterator[Sample]:
    for written, stream, expected in EDGES:
        when = datetime.fromisoformat(written)
        cost_cents = 6_000_000 if stream == "assessment" else 70_000_000
        offer = next(each for each in OFFERS if each.stream == stream)
        yield Sample(form_for(forms, offer, cost_cents, when), when, expected)


def _worked_figures(forms: Forms) -> Iterator[Sample]:
    for phase, stream, figures in WORKED:
        offer = next(each for each in OFFERS if (each.phase, each.stream) == (phase, stream))
        for cost, grant in figures:
            yield _granted(forms, offer, cost * 100, grant * 100)
    for developed_by, cost, grant in WORKED_TECHNOLOGIES:
        offer = next(
            each for each in OFFERS if (each.phase, each.developed_by) == ("5", developed_by)
        )
        yield _granted(forms, offer, cost * 100, grant * 100)


def _around_ceilings(forms: Forms) -> Iterator[Sample]:
    """Yield costs at which the ceiling just binds or just does not; half a cent is dropped."""
    for offer in OFFERS:
        ceiling = offer.ceiling_cents
        yield _granted(forms, offer, 2 * ceiling - 1, ceiling - 1)
        yield _granted(forms, offer, 2 * ceiling, ceiling)
        yield _granted(forms, offer, 2 * ceiling + 2, ceiling)
        yield _granted(forms, offer, 100_000_000_000, ceiling)
        yield _granted(forms, offer, 3, 1)


def _granted(forms: Forms, offer: Offer, cost_cents: int, grant_cents: int) -> Sample:
    when = forms.moment(offer.first_day, offer.last_day)
    reason = "grant-is-share" if grant_cents == cost_cents // 2 else _BY_CEILING
    return Sample(form_for(forms, offer, cost_cents, when), when, eligible(grant_cents, reason))


def _shareholdings(forms: Forms) -> Iterator[Sample]:
    for offer in (OFFERS[0], OFFERS[3], OFFERS[5], OFFERS[7]):
        for mainland, hong_kong, same_resident, refusals in SHAREHOLDINGS:
            when = forms.moment(offer.first_day, offer.last_day)
            connection = {
                "ground": "1d",
                "mainland_share_percent": mainland,
                "hong_kong_share_percent": hong_kong,
                "same_resident": same_resident,
            }
            form = form_for(forms, offer, 2_000_001, when, connection=connection)
            yield Sample(form, when, ineligible(*refusals) if refusals else eligible(1_000_000))


def _durations(forms: Forms) -> Iterator[Sample]:
    for stream, starts_on, ends_on, in_time in DURATIONS:
        day = date.fromisoformat(starts_on)
        when = forms.moment(day.replace(day=1), day)
        project = {"starts_on": starts_on, "ends_on": ends_on}
        form = forms.for_factory(stream, 8_000_000, when, project=project)
        yield Sample(form, when, _in_time(in_time))


def _in_time(in_time: bool) -> Expected:  # noqa: FBT001  # a fact, not a switch
    return eligible(4_000_000) if in_time else ineligible("project-too-long")
