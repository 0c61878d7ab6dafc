"""Many plausible funding applications from all years of the Programme."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from samples.figures import (
    ASSESSMENTS,
    DEMONSTRATIONS,
    GAPS,
    OFFERS,
    PHASE_1,
    PHASE_2,
    PHASE_3,
    PHASE_4,
    PHASE_5,
    STREAMS_OF_OTHER_PHASES,
    UNSETTLED_DAYS,
    Offer,
)
from samples.forms import Forms
from samples.sample import Expected, Json, Sample, eligible, ineligible, referred
from samples.worked import form_for

_HONG_KONG: Final = {"place": "hong-kong"}
_SUBSISTING: Final = {"ground": "1c", "agreement_subsists": True}
_ENDED: Final = {"ground": "1c", "agreement_subsists": False}
_WORKSHOP: Final = {"ground": "3", "processes": ["solvent-cleaning-of-metal-parts"]}
_OTHER_WORKSHOP: Final = {"ground": "3", "processes": ["other"]}


def funding_cases(forms: Forms) -> Iterator[Sample]:
    """Yield applications for funding with every outcome and reason, each kind several times."""
    yield from _above_the_ceilings(forms)
    yield from _connected_otherwise(forms)
    yield from _refused_applicants(forms)
    yield from _referred(forms)
    yield from _verifications(forms)
    yield from _outside_phases(forms)
    yield from _streams_of_other_phases(forms)
    yield from _organisations(forms)
    yield from _first_phase(forms)
    yield from _to_be_checked(forms)


def an_ordinary_case(forms: Forms, number: int) -> Sample:
    """Make an application that gets half of its cost."""
    return _half(forms, OFFERS[number % len(OFFERS)])


def a_mistyped_case(forms: Forms, number: int) -> Sample:
    """Make an application whose factory's number has a wrong check character (S80, S81)."""
    expected = referred("credit-code-not-valid", "grant-is-share")
    sample = _half(forms, OFFERS[number % len(OFFERS)], expected)
    factory = sample.form.application["factory"]
    code = factory["registration_number"]
    factory["registration_number"] = code[:-1] + ("2" if code.endswith("1") else "1")
    return sample


def _half(forms: Forms, offer: Offer, expected: Expected | None = None, **more: Json) -> Sample:
    """Choose a grant below the ceiling, and ask for it: twice as much, sometimes with odd cents."""
    grant_cents = offer.ceiling_cents * (40 + forms.random.randrange(55)) // 100
    grant_cents -= grant_cents % 10_000
    odd_cents = forms.pick((0, 0, 0, 1, 98, 99))
    cost_cents = 2 * grant_cents + odd_cents
    when = forms.moment(offer.first_day, offer.last_day)
    granted = eligible(grant_cents + odd_cents // 2)
    return Sample(form_for(forms, offer, cost_cents, when, **more), when, expected or granted)


def _above_the_ceilings(forms: Forms) -> Iterator[Sample]:
    for offer in OFFERS * 9:
        cost_cents = 2 * offer.ceiling_cents + 10_000 * (1 + forms.random.randrange(3000))
        when = forms.moment(offer.first_day, offer.last_day)
        form = form_for(forms, offer, cost_cents, when)
        yield Sample(form, when, eligible(offer.ceiling_cents, "grant-is-ceiling"))


def _connected_otherwise(forms: Forms) -> Iterator[Sample]:
    """Yield the grounds besides 1a, 1b and 1d; a workshop gets demonstrations (S11)."""
    for offer in OFFERS * 2:
        yield _half(forms, offer, connection=dict(_SUBSISTING))
        yield _half(forms, offer, connection={"ground": "2"}, factory=dict(_HONG_KONG))
    for offer in DEMONSTRATIONS * 3:
        yield _half(forms, offer, connection=dict(_WORKSHOP), factory=dict(_HONG_KONG))


def _refused_applicants(forms: Forms) -> Iterator[Sample]:
    for offer in OFFERS:
        expected = ineligible("agreement-not-subsisting")
        yield _half(forms, offer, expected, connection=dict(_ENDED))
        for place in ("elsewhere", "hong-kong"):
            expected = ineligible("factory-not-in-guangdong")
            yield _half(forms, offer, expected, factory={"place": place})
        expected = ineligible("factory-not-in-hong-kong")
        yield _half(forms, offer, expected, connection={"ground": "2"})
    for offer in ASSESSMENTS * 4:
        expected = ineligible("workshop-gets-demonstration-only")
        yield _half(forms, offer, expected, connection=dict(_WORKSHOP), factory=dict(_HONG_KONG))
        reasons = ("factory-not-in-hong-kong", "workshop-gets-demonstration-only")
        factory = {"place": "elsewhere", "industry": "other"}
        yield _half(
            forms, offer, ineligible(*reasons), connection=dict(_OTHER_WORKSHOP), factory=factory
        )


def _referred(forms: Forms) -> Iterator[Sample]:
    """Yield applications that lack only an officer's ruling (S10, S11)."""
    for offer in OFFERS * 4:
        expected = referred("industry-not-priority", "grant-is-share")
        yield _half(forms, offer, expected, factory={"industry": "other"})
    for offer in DEMONSTRATIONS * 3:
        expected = referred("workshop-process-not-listed", "grant-is-share")
        factory = dict(_HONG_KONG)
        yield _half(forms, offer, expected, connection=dict(_OTHER_WORKSHOP), factory=factory)
    for offer in [each for each in OFFERS if each.stream == "new-technology"] * 8:
        when = forms.moment(offer.first_day, offer.last_day)
        form = form_for(forms, offer, 90_000_000, when, technology={"on_technology_list": False})
        yield Sample(form, when, referred("technology-not-listed", "grant-is-share"))


def _verifications(forms: Forms) -> Iterator[Sample]:
    """Yield verifications of phase 2: no share of their cost is given (S14)."""
    for number in range(14):
        when = forms.moment(*PHASE_2)
        form = forms.for_factory("verification", 1_500_000 + 250_000 * number, when)
        yield Sample(form, when, referred("share-not-set"))


def _outside_phases(forms: Forms) -> Iterator[Sample]:
    for first, last in GAPS * 12:
        when = forms.moment(first, last)
        form = forms.for_factory(forms.pick(("assessment", "demonstration")), 5_600_000, when)
        yield Sample(form, when, ineligible("no-open-phase"))
        form = forms.for_factory("assessment", 5_600_000, when, factory={"industry": "other"})
        yield Sample(form, when, ineligible("no-open-phase"))
    for stream, days in tuple(UNSETTLED_DAYS.items()) * 15:
        offer = next(each for each in OFFERS if each.stream == stream)
        when = forms.moment(*days)
        yield Sample(
            form_for(forms, offer, 64_000_000, when), when, referred("phase-dates-not-set")
        )


def _streams_of_other_phases(forms: Forms) -> Iterator[Sample]:
    for stream, first, last in STREAMS_OF_OTHER_PHASES * 4:
        when = forms.moment(first, last)
        form = (
            forms.for_new_technology("others", 7_000_000, when)
            if stream == "new-technology"
            else forms.for_factory(stream, 7_000_000, when)
        )
        yield Sample(form, when, ineligible("stream-not-in-phase"))


def _first_phase(forms: Forms) -> Iterator[Sample]:
    """Yield applications of phase 1, whose amounts no source gives; workshops came later (S14)."""
    for stream in ("assessment", "demonstration", "verification") * 2:
        when = forms.moment(*PHASE_1)
        form = forms.for_factory(stream, 4_000_000, when)
        yield Sample(form, when, referred("share-not-set", "ceiling-not-set"))
    when = forms.moment(*PHASE_1)
    form = forms.for_factory(
        "demonstration", 4_000_000, when, connection=dict(_WORKSHOP), factory=dict(_HONG_KONG)
    )
    yield Sample(form, when, ineligible("workshops-not-in-phase"))


def _to_be_checked(forms: Forms) -> Iterator[Sample]:
    """Yield applications that an officer checks: no assessment on record (S1), few quotations."""
    repeat = {
        "earlier_case_number": "CP-2009-0417",
        "implemented_measure": "Heat recovery from the drying line",
        "measure_is_facility_investment": True,
        "change": "production-process",
    }
    for offer in ASSESSMENTS:
        expected = referred("earlier-assessment-not-in-record", "grant-is-share")
        yield _half(forms, offer, expected, repeat=dict(repeat))
    for offer in ASSESSMENTS:  # costs up to HK$50,000 need two
        when = forms.moment(offer.first_day, offer.last_day)
        form = form_for(forms, offer, 4_000_000, when, project={"quotations": 1})
        yield Sample(form, when, referred("quotations-missing", "grant-is-share"))
        form = form_for(forms, offer, 4_000_000, when, project={"quotations": 2})
        yield Sample(form, when, eligible(2_000_000))


def _organisations(forms: Forms) -> Iterator[Sample]:
    """Yield trade associations: phases 3 and 4 support them, without a known ceiling (S1, S9)."""
    phase_3 = ("share-not-set", "ceiling-not-set")
    phase_4 = ("ceiling-not-set",)
    for number in range(12):
        yield _organisation(forms, forms.moment(*PHASE_3), number, referred(*phase_3))
        yield _organisation(forms, forms.moment(*PHASE_4), number, referred(*phase_4))
    for number, phase in enumerate((PHASE_2, PHASE_5) * 3):
        expected = ineligible("stream-not-in-phase")
        yield _organisation(forms, forms.moment(*phase), number, expected)
    for kind, based_in_hong_kong, refusals in (
        ("other", True, ("not-a-trade-association",)),
        ("trade-association", False, ("organisation-not-in-hong-kong",)),
        ("other", False, ("not-a-trade-association", "organisation-not-in-hong-kong")),
    ):
        organisation = {"kind": kind, "based_in_hong_kong": based_in_hong_kong}
        for number in range(4):
            expected = ineligible(*refusals)
            when = forms.moment(*PHASE_4)
            yield _organisation(forms, when, number, expected, organisation=organisation)
    for number in range(4):
        when = forms.moment(*PHASE_4)
        starts_on = when.date() + timedelta(days=40)
        project = {
            "starts_on": starts_on.isoformat(),
            "ends_on": (starts_on + timedelta(days=400)).isoformat(),
        }
        expected = ineligible("project-too-long")
        yield _organisation(forms, when, number, expected, project=project)


def _organisation(
    forms: Forms, when: datetime, number: int, expected: Expected, **more: Json
) -> Sample:
    form = forms.for_organisation(10_000_000 + 1_250_000 * number, when, **more)
    return Sample(form, when, expected)
