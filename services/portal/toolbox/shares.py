"""By which share an example has reduced something, as far as its source lets one say. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from services.portal.toolbox.precision import digits_of
from shared.events.content import Example, Figure

Evidence = Literal["reported", "expected", "claimed"]
"""Reported of an installation, planned or expected, or claimed by a seller: never mixed."""

How = Literal["printed", "before-after", "baseline", "output"]
"""Printed as a share, or computed from other figures of the same example."""

SCALED: Final = ("electricity", "fuel", "energy", "energy-cost", "water", "voc")
"""What has a share that can be applied to a factory's own figure."""

_UNITS: Final[Mapping[str, tuple[str, Fraction]]] = {
    "kWh": ("kWh", Fraction(1)),
    "MWh": ("kWh", Fraction(1_000)),
    "GWh": ("kWh", Fraction(1_000_000)),
    "GJ": ("kWh", Fraction(2_500, 9)),
    "m3": ("m3", Fraction(1)),
    "kL": ("m3", Fraction(1)),
    "ML": ("m3", Fraction(1_000)),
    "L": ("m3", Fraction(1, 1_000)),
    "gal": ("m3", Fraction("0.003785411784")),
    "kg": ("kg", Fraction(1)),
    "t": ("kg", Fraction(1_000)),
}
# Days and hours of operation are not stated, so they make no year.
_PER_YEAR: Final[Mapping[str, int]] = {"year": 1, "half-year": 2, "month": 12}
_OWN_UNITS: Final = {"electricity": "kWh", "energy": "kWh", "water": "m3", "voc": "kg"}
_OUTPUT: Final = frozenset({"production", "output"})


@dataclass(frozen=True, slots=True)
class Share:
    """How much less there is of `of`: from 0 to 1, one of `low` and `high` is missing for a bound.

    With `how` = `output` it is no share but an amount per tonne of output, in kWh, m3 or kg.
    """

    of: str
    low: Fraction | None
    high: Fraction | None
    how: How
    digits: int
    figure: Figure

    @property
    def evidence(self) -> Evidence:
        """What it rests on."""
        if self.figure.vendor_claim:
            return "claimed"
        return "expected" if self.figure.basis in {"planned", "expected"} else "reported"


def shares(example: Example) -> Sequence[Share]:
    """Return the shares of an example; a printed one goes before one that would be computed."""
    return [share for of in SCALED for share in _shares_of(example, of)]


def amount_in(figure_value: Decimal, unit: str | None, per: str | None) -> tuple[str, Fraction]:
    """Return a yearly amount in kWh, m3 or kg; the unit is empty if that cannot be said."""
    base, factor = _UNITS.get(unit or "", ("", Fraction(0)))
    times = _PER_YEAR.get(per or "", 0)
    return (base, Fraction(figure_value) * factor * times) if base and times else ("", Fraction(0))


def _shares_of(example: Example, of: str) -> Sequence[Share]:
    figures = [each for each in example.figures if each.of == of]
    printed = [_printed(each) for each in figures if each.unit == "%"]
    if printed:
        return printed
    for computed in (_before_after, _of_baseline, _per_output):
        found = [each for figure in figures for each in computed(example, figure)]
        if found:
            return found
    return []


def _printed(figure: Figure) -> Share:
    low = None if figure.low is None else min(Fraction(figure.low) / 100, Fraction(1))
    high = None if figure.high is None else min(Fraction(figure.high) / 100, Fraction(1))
    stated = [each for each in (figure.low, figure.high) if each is not None]
    return Share(figure.of, low, high, "printed", digits_of(*stated), figure)


def _before_after(_example: Example, figure: Figure) -> Iterator[Share]:
    before, after = figure.before, figure.after
    if before and after is not None and after <= before:
        share = 1 - Fraction(after) / Fraction(before)
        yield Share(
            figure.of,
            share,
            share,
            "before-after",
            digits_of(before, after, before - after),
            figure,
        )


def _of_baseline(example: Example, figure: Figure) -> Iterator[Share]:
    for base in example.baseline:
        if base.of == figure.of and base.low and base.low == base.high:
            yield from _quotient(figure, base, "baseline", Fraction(1))


def _per_output(example: Example, figure: Figure) -> Iterator[Share]:
    """Scale by the yearly output of the example, which is given in tonnes or kilograms."""
    for base in example.size:
        if base.of in _OUTPUT and base.low and base.low == base.high:
            yield from _quotient(figure, base, "output", Fraction(1_000))


def _quotient(figure: Figure, base: Figure, how: How, times: Fraction) -> Iterator[Share]:
    if figure.low is None or figure.high is None or base.low is None:
        return
    unit, low = amount_in(figure.low, figure.unit, figure.per)
    _, high = amount_in(figure.high, figure.unit, figure.per)
    base_unit, whole = amount_in(base.low, base.unit, base.per)
    wanted = unit if how == "baseline" else "kg"
    if not unit or unit != _OWN_UNITS.get(figure.of) or base_unit != wanted:
        return
    if how == "baseline" and high > whole:
        return
    digits = digits_of(figure.low, figure.high, base.low)
    yield Share(figure.of, low / whole * times, high / whole * times, how, digits, figure)
