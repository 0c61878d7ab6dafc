"""What a technology could mean for a factory: shares of examples, applied to its own figures. Pure.

Only shares are applied. What an example has saved in amounts says nothing about another factory,
unless the example says of how much it was. Savings of different kinds are never added up, because
they may be the same ones, and what is reported, expected and claimed is never mixed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, get_args

from services.portal.toolbox.own import OwnFigures
from services.portal.toolbox.precision import FEWEST_DIGITS, rounded, rounded_down
from services.portal.toolbox.shares import SCALED, Evidence, How, Share, shares
from shared.events.content import Example, ItemPublished
from shared.events.intake import Industry

Shape = Literal["range", "at-most", "at-least"]
Why = Literal["not-stated", "no-share", "fuel-unit"]
"""Why nothing is said: the reader has not stated it, no source has, or units do not fit."""

_EVIDENCE: Final[Sequence[Evidence]] = get_args(Evidence)
_SHAPES: Final[Sequence[Shape]] = get_args(Shape)
_LONGEST_PAYBACK: Final = 1_000  # years; nobody waits for it
_ENERGY_UNITS: Final = {"MWh": Fraction(1_000), "GJ": Fraction(2_500, 9)}  # in kWh


@dataclass(frozen=True, slots=True)
class Entry:
    """A share of an example of a technology."""

    item: ItemPublished
    example: Example
    share: Share

    @property
    def is_general(self) -> bool:
        """Whether the technology is for every industry, so that the example may be of any."""
        technology = self.item.technology
        return technology is not None and set(get_args(Industry)) <= set(technology.industries)


@dataclass(frozen=True, slots=True)
class Span:
    """From low to high; one is missing for a bound."""

    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Base:
    """What the shares are applied to, in a unit or a currency; its price is for one of them."""

    amount: Fraction
    unit: str
    price: Fraction | None = None
    alone: str = ""
    """`electricity` or `fuel` if all energy was asked for and only that is stated."""


@dataclass(frozen=True, slots=True)
class Result:
    """What could be saved of one own figure, from entries of one kind of evidence."""

    of: str
    evidence: Evidence
    shape: Shape
    entries: Sequence[Entry]
    base: Base | None
    saved: Span
    money: Span | None = None
    payback_years: Span | None = None

    @property
    def technologies(self) -> int:
        """From how many technologies the entries are."""
        return len({each.item.item_id for each in self.entries})


@dataclass(frozen=True, slots=True)
class Gap:
    """An own figure of which nothing is said, and why."""

    of: str
    why: Why


@dataclass(frozen=True, slots=True)
class Estimate:
    """What can be said, what cannot, and the examples that were looked at."""

    results: Sequence[Result]
    gaps: Sequence[Gap]
    looked_at: Sequence[tuple[ItemPublished, Example]]


def estimate(items: Iterable[ItemPublished], own: OwnFigures) -> Estimate:
    """Apply the shares of comparable technologies to own figures."""
    looked_at = [(i, e) for i in items if i.technology for e in i.technology.examples]
    entries = [Entry(i, e, share) for i, e in looked_at for share in shares(e)]
    results: list[Result] = []
    gaps: list[Gap] = []
    for of in SCALED:
        found = [each for each in entries if each.share.of == of]
        why = _gap(of, own, found)
        if why:
            gaps.append(Gap(of, why))
        elif found:
            results += _results(of, own, found)
    return Estimate(results, gaps, looked_at)


def base_of(of: str, own: OwnFigures) -> Base | None:
    """Return what a share of `of` is a share of in the reader's factory, if it is stated."""
    match of:
        case "electricity":
            return _base(own.electricity, "kWh", own.electricity_price)
        case "fuel":
            return _base(own.fuel, own.fuel_unit, own.fuel_price)
        case "water":
            return _base(own.water, "m3", own.water_price)
        case "voc":
            return _base(own.voc, "kg", None)
        case "energy":
            return _energy(own)
        case _:
            return _energy_cost(own)


def _results(of: str, own: OwnFigures, entries: Sequence[Entry]) -> Sequence[Result]:
    groups: dict[tuple[Evidence, Shape, bool], list[Entry]] = {}
    for each in entries:
        by_output = each.share.how == "output"
        if own.output is None if by_output else base_of(of, own) is None:
            continue
        groups.setdefault((each.share.evidence, _shape(each.share), by_output), []).append(each)
    order = sorted(groups, key=lambda key: (_EVIDENCE.index(key[0]), _SHAPES.index(key[1]), key[2]))
    return [_result(of, own, key[0], key[1], groups[key]) for key in order]


def _result(
    of: str, own: OwnFigures, evidence: Evidence, shape: Shape, entries: Sequence[Entry]
) -> Result:
    base = base_of(of, own)
    how: How = entries[0].share.how
    times = Fraction(own.output or 0) if how == "output" else base.amount if base else Fraction(0)
    limit = base.amount if base else None
    digits = max(each.share.digits for each in entries)
    lows = [each.share.low for each in entries if each.share.low is not None]
    highs = [each.share.high for each in entries if each.share.high is not None]
    low = min(lows) * times if lows and shape != "at-most" else None
    high = max(highs) * times if highs and shape != "at-least" else None
    saved = Span(_within(low, digits, limit), _within(high, digits, limit))
    money = _money(base, low, high, digits)
    return Result(of, evidence, shape, entries, base, saved, money, _payback(own, base, low, high))


def _gap(of: str, own: OwnFigures, entries: Sequence[Entry]) -> Why | None:
    by_output = any(each.share.how == "output" for each in entries) and own.output is not None
    stated = base_of(of, own) is not None or by_output
    if stated:
        return None if entries or of in {"energy", "energy-cost"} else "no-share"
    if not entries:
        return None
    if of == "energy" and own.electricity is not None and own.fuel:
        return "fuel-unit"
    return "not-stated"


def _shape(share: Share) -> Shape:
    if share.low is None:
        return "at-most"
    return "at-least" if share.high is None else "range"


def _base(amount: Decimal | None, unit: str, price: Decimal | None) -> Base | None:
    if amount is None:
        return None
    return Base(Fraction(amount), unit, None if price is None else Fraction(price))


def _energy(own: OwnFigures) -> Base | None:
    """Electricity and fuel together; if only one is stated, that one alone."""
    if own.electricity is not None and own.fuel:
        factor = _ENERGY_UNITS.get(own.fuel_unit)
        if factor is None:
            return None
        return Base(Fraction(own.electricity) + Fraction(own.fuel) * factor, "kWh")
    for alone in ("electricity", "fuel"):
        other = own.fuel if alone == "electricity" else own.electricity
        if (base := base_of(alone, own)) and (base.amount or other is None):
            return Base(base.amount, base.unit, base.price, alone if other is None else "")
    return None


def _energy_cost(own: OwnFigures) -> Base | None:
    """What energy costs now; an amount without a price leaves it unknown."""
    parts = [base for each in ("electricity", "fuel") if (base := base_of(each, own))]
    costs = [each.amount * each.price for each in parts if each.price is not None]
    if not costs or len(costs) < len(parts):
        return None
    missing = own.fuel is None or own.electricity is None
    alone = ("electricity" if own.fuel is None else "fuel") if missing else ""
    return Base(sum(costs, Fraction(0)), own.currency, Fraction(1), alone)


def _within(value: Fraction | None, digits: int, limit: Fraction | None) -> Decimal | None:
    """Round a value; rounding never makes it more than there is."""
    if value is None:
        return None
    found = rounded(value, digits)
    if limit is not None and Fraction(found) > limit >= value:
        return rounded_down(limit, digits)
    return found


def _money(
    base: Base | None, low: Fraction | None, high: Fraction | None, digits: int
) -> Span | None:
    if base is None or base.price is None:
        return None
    price = base.price
    ends = [None if each is None else rounded(each * price, digits) for each in (low, high)]
    return Span(*ends)


def _payback(
    own: OwnFigures, base: Base | None, low: Fraction | None, high: Fraction | None
) -> Span | None:
    """The more is saved, the shorter it is; nothing saved, or next to nothing, never pays back."""
    if base is None or not base.price or not own.investment:
        return None
    price, cost = base.price, Fraction(own.investment)
    years = [cost / (e * price) if e else None for e in (high, low)]
    ends = [
        rounded(each, FEWEST_DIGITS) if each is not None and each <= _LONGEST_PAYBACK else None
        for each in years
    ]
    return Span(*ends) if any(each is not None for each in ends) else None
