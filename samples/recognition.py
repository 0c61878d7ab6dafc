"""Many plausible applications for recognition from a few years of rounds."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from samples.figures import FIRST_DAY_OF_ROUND, LAST_DAY_OF_ROUND, LAST_ROUND_YEAR
from samples.forms import Forms
from samples.sample import Form, Sample, recognised

_PARTNER: Final = "partner-manufacturing"
_EXCELLENT: Final = "excellent-partner-manufacturing"
_MET: Final = recognised("qualified", "prerequisites-met")
_NO_ROUND: Final = recognised("not-qualified", "no-open-round")

# First and last instants of rounds, by the shipped calendar.
EDGES: Final = (
    ("2016-02-29T23:59:59.999+08:00", _NO_ROUND),
    ("2016-02-29T16:00:00Z", _MET),
    ("2019-02-28T15:59:59.999Z", _NO_ROUND),
    ("2019-03-01T00:00:00+08:00", _MET),
    ("2022-02-28T11:00:00-05:00", _MET),
    ("2018-07-31T23:59:59.999+08:00", _MET),
    ("2018-08-01T00:00:00+08:00", _NO_ROUND),
    ("2024-07-31T15:59:59.999Z", _MET),
    ("2024-07-31T16:00:00Z", _NO_ROUND),
    ("2026-08-01T01:00:00+09:00", _NO_ROUND),
)


def recognition_cases(forms: Forms) -> Iterator[Sample]:
    """Yield candidacies with every outcome and reason, each kind several times."""
    yield from _edges(forms)
    yield from _qualified(forms)
    yield from _excellent(forms)
    yield from _short_of_a_prerequisite(forms)
    yield from _before_a_category_began(forms)
    yield from _between_rounds(forms)


def _in_round(forms: Forms, year: int) -> datetime:
    return forms.moment(date(year, *FIRST_DAY_OF_ROUND), date(year, *LAST_DAY_OF_ROUND))


def _some_year(forms: Forms, first: int = 2015) -> int:
    return first + forms.random.randrange(LAST_ROUND_YEAR - first + 1)


def _some_round(forms: Forms) -> datetime:
    return _in_round(forms, _some_year(forms, 2013))


def _edges(forms: Forms) -> Iterator[Sample]:
    for written, expected in EDGES:
        yield Sample(forms.for_manufacturer(_PARTNER), datetime.fromisoformat(written), expected)


def _qualified(forms: Forms) -> Iterator[Sample]:
    """Yield complete candidates; most are manufacturers, as in the sources."""
    for _ in range(56):
        yield Sample(forms.for_manufacturer(_PARTNER), _some_round(forms), _MET)
    for _ in range(4):
        form = forms.for_manufacturer(_PARTNER, "hong-kong", measures_implemented=1)
        yield Sample(form, _some_round(forms), _MET)
    for number in (1, 1, 2, 3, 8, 20):
        yield Sample(forms.for_sourcing_enterprise(number), _some_round(forms), _MET)
    for number in (*range(1, 20), 250):
        yield Sample(forms.for_service_provider(number), _some_round(forms), _MET)


def _excellent(forms: Forms) -> Iterator[Sample]:
    """Yield candidates for the Excellent label: it needs a Partner label of an earlier year."""
    for _ in range(30):
        year = _some_year(forms)
        form = forms.for_manufacturer(_EXCELLENT, earlier_partner_year=year - forms.pick((1, 2, 5)))
        expected = recognised("referred", "earlier-label-not-on-record")
        yield Sample(form, _in_round(forms, year), expected)
    for _ in range(10):
        form = forms.for_manufacturer(_EXCELLENT)
        expected = recognised("not-qualified", "no-earlier-partner-label")
        yield Sample(form, _in_round(forms, _some_year(forms)), expected)
    for later in (0, 0, 0, 1, 1, 3):
        year = _some_year(forms)
        form = forms.for_manufacturer(_EXCELLENT, earlier_partner_year=year + later)
        expected = recognised("not-qualified", "earlier-label-not-past")
        yield Sample(form, _in_round(forms, year), expected)


def _short_of_a_prerequisite(forms: Forms) -> Iterator[Sample]:
    def refused(form: Form, *reasons: str) -> Sample:
        return Sample(form, _some_round(forms), recognised("not-qualified", *reasons))

    for _ in range(6):
        form = forms.for_manufacturer(_PARTNER, hong_kong_owned=False)
        yield refused(form, "not-hong-kong-owned")
        yield refused(forms.for_manufacturer(_PARTNER, measures_implemented=0), "too-few-measures")
        yield refused(forms.for_sourcing_enterprise(0), "too-few-factories-engaged")
        yield refused(forms.for_service_provider(0), "too-few-factories-served")
    for _ in range(4):
        form = forms.for_manufacturer(_PARTNER, "elsewhere")
        expected = recognised("referred", "factory-place-not-covered")
        yield Sample(form, _some_round(forms), expected)
        form = forms.for_manufacturer(
            _PARTNER, "elsewhere", hong_kong_owned=False, measures_implemented=0
        )
        yield refused(form, "not-hong-kong-owned", "factory-place-not-covered", "too-few-measures")


def _before_a_category_began(forms: Forms) -> Iterator[Sample]:
    """Yield the Excellent label before 2013, when there was none, and until 2015 (S21, S27)."""
    for _ in range(3):
        expected = recognised("not-qualified", "category-not-offered")
        yield Sample(forms.for_manufacturer(_EXCELLENT), _in_round(forms, 2012), expected)
    for year in (2013, 2014) * 2:
        form = forms.for_manufacturer(_EXCELLENT, earlier_partner_year=2012)
        reasons = ("category-start-not-set", "earlier-label-not-on-record")
        yield Sample(form, _in_round(forms, year), recognised("referred", *reasons))


def _between_rounds(forms: Forms) -> Iterator[Sample]:
    for year in range(2014, 2026):
        when = forms.moment(date(year, 8, 1), date(year + 1, 2, 28))
        yield Sample(forms.for_manufacturer(_PARTNER), when, _NO_ROUND)
    for _ in range(3):
        when = forms.moment(date(2026, 8, 1), date(2026, 10, 31))
        form = forms.for_service_provider(0)
        reasons = ("no-open-round", "too-few-factories-served")
        yield Sample(form, when, recognised("not-qualified", *reasons))
