"""Figures: what makes one complete, and the payback that follows from two of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, get_args

from cli.content.folder.forms import ExampleForm, FigureForm
from cli.content.folder.mistakes import Breach
from shared.events import content
from shared.events.content import Figure

_MONEY: Final = frozenset(get_args(content.Money))
_TIME: Final = frozenset(get_args(content.Time))
_REDUCTIONS: Final = frozenset(get_args(content.Reduction))
_SIZES: Final = frozenset(get_args(content.Size))
_OF_SIZE: Final = _SIZES | {"output"}
_WITHOUT_PERIOD: Final = frozenset(
    {"%", *get_args(content.Intensity), *get_args(content.Rate), "m2", "people"}
)
_INHERITED: Final = ("origin", "vendor_claim", "source", "year")
_FORMS: Final = (
    {"value"}, {"low", "high"}, {"at_most"}, {"at_least"}, {"before", "after"}, {"negligible"},
)  # fmt: skip
_ONE_VALUE: Final = (
    "Must have one of: value; low with high; at_most; at_least; before with after; negligible."
)
_VALUES: Final = frozenset().union(*_FORMS)
_WHOLE: Final = 100
_TENTH: Final = Decimal("0.1")
_MONTHS: Final = 12
_MONTHS_TO_SHOW: Final = 24


def breaches_of_example(example: ExampleForm) -> Iterator[Breach]:
    """Name what its figures lack, or have too much."""
    for part in ("size", "baseline", "figures"):
        for number, figure in enumerate(getattr(example, part)):
            for path, rule in _breaches(figure, example, part):
                yield (part, number, *path), rule


def _breaches(figure: FigureForm, example: ExampleForm, part: str) -> Iterator[Breach]:
    yield from _breaches_of_origin(figure, example)
    yield from _breaches_of_value(figure)
    yield from _breaches_of_unit(figure, part)
    if (figure.of in _OF_SIZE) < (part == "size"):
        yield ("of",), f"Must be one of {', '.join(sorted(_OF_SIZE))} in `size`."
    if figure.of in _SIZES and part == "figures":
        yield ("of",), "Must be given in `size`: it is no effect."
    if (figure.basis == "derived") != (figure.derived_from is not None):
        yield ("from",), "Must be given with `basis: derived`, and not otherwise: how it follows."


def _breaches_of_origin(figure: FigureForm, example: ExampleForm) -> Iterator[Breach]:
    for name in _INHERITED:
        if getattr(figure, name) is None and getattr(example, name) is None:
            say = " (not-stated if the source does not say)" if name == "year" else ""
            yield (name,), f"Must be given, here or for the whole example{say}."
    if figure.year_is and figure.year in {None, "not-stated"}:
        yield ("year_is",), "Must be given beside the year that it is about."


def _breaches_of_value(figure: FigureForm) -> Iterator[Breach]:
    given = {name for name in _VALUES if getattr(figure, name) is not None}
    if given not in _FORMS:
        yield (), _ONE_VALUE
    for name in sorted(given - {"negligible", "after"}):
        if not getattr(figure, name):
            yield (name,), "Must be more than 0."
    for less, more in (("low", "high"), ("after", "before")):
        if given == {less, more} and getattr(figure, less) >= getattr(figure, more):
            yield (less,), f"Must be less than `{more}`."
    yield from _breaches_of_share(figure, given)


def _breaches_of_share(figure: FigureForm, given: Iterable[str]) -> Iterator[Breach]:
    if figure.unit == "%" and figure.of in _REDUCTIONS:
        for name in given:
            if getattr(figure, name) > _WHOLE:
                yield (name,), "Must be at most 100: it says how much less there is."


def _breaches_of_unit(figure: FigureForm, part: str) -> Iterator[Breach]:
    if figure.of in _MONEY:
        yield from _breaches_of_money(figure)
        return
    if figure.currency:
        yield ("currency",), f"Must be given with {', '.join(sorted(_MONEY))} alone."
    if figure.negligible:
        yield ("negligible",), f"Must be given with {', '.join(sorted(_MONEY))} alone."
    if not figure.unit:
        yield ("unit",), "Must be given."
    elif (figure.unit in _TIME) != (figure.of == "payback"):
        yield ("unit",), f"Must be {', '.join(sorted(_TIME))} of a payback, and not otherwise."
    else:
        yield from _breaches_of_period(figure, part)


def _breaches_of_money(figure: FigureForm) -> Iterator[Breach]:
    if not figure.currency and not figure.negligible:
        yield ("currency",), f"Must be given: {', '.join(get_args(content.Currency))}."
    if figure.unit:
        yield ("unit",), "Must not be given with money: give `currency`."
    if figure.of == "saving" and not figure.per:
        yield ("per",), "Must be given: what period the saving is of."


def _breaches_of_period(figure: FigureForm, part: str) -> Iterator[Breach]:
    is_count = part == "size" and figure.of in _SIZES and figure.of not in {"production", "flow"}
    has_none = figure.unit in _WITHOUT_PERIOD | _TIME or is_count
    if has_none and figure.per:
        yield ("per",), "Must not be given with this unit."
    if not has_none and not figure.per:
        yield ("per",), "Must be given: year, month, day, once, … or not-stated."


def example_of(form: ExampleForm) -> content.Example:
    """Return an example without breaches as readers see it, with its computed payback."""
    size, baseline, figures = (
        tuple(_figure(each, form) for each in part)
        for part in (form.size, form.baseline, form.figures)
    )
    computed = tuple(_computed_payback(figures))
    return content.Example(id=form.id, size=size, baseline=baseline, figures=(*figures, *computed))


def sources_of(examples: Iterable[content.Example]) -> Iterator[str]:
    """Yield the sources of all figures."""
    for example in examples:
        for figure in (*example.size, *example.baseline, *example.figures):
            yield figure.source


def _figure(form: FigureForm, example: ExampleForm) -> Figure:
    inherited = {name: _either(form, example, name) for name in _INHERITED}
    year = inherited.pop("year")
    year_is = form.year_is if form.year is not None else example.year_is
    return Figure(
        of=form.of,
        low=_first(form.value, form.low, form.at_least),
        high=_first(form.value, form.high, form.at_most),
        before=form.before,
        after=form.after,
        negligible=bool(form.negligible),
        about=form.about,
        currency=form.currency,
        unit=form.unit,
        per=form.per or ("once" if form.of in _MONEY else None),
        year=None if year == "not-stated" else year,
        year_is_of_source=year_is == "published",
        basis=form.basis,
        derived_from=form.derived_from,
        **inherited,
    )


def _either(form: FigureForm, example: ExampleForm, name: str) -> Any:
    own = getattr(form, name)
    return getattr(example, name) if own is None else own


def _first(*values: Decimal | None) -> Decimal | None:
    return next((each for each in values if each is not None), None)


@dataclass(frozen=True, slots=True)
class _Payback:
    investment: Figure
    saving: Figure

    @property
    def follows(self) -> bool:
        """Whether the two are of one kind: one source and currency, and by the year."""
        one = all(
            getattr(self.investment, name) == getattr(self.saving, name)
            for name in ("currency", "source", "origin", "year")
        )
        return one and self.saving.per == "year" and (self._low or self._high) is not None

    def figure(self) -> Figure:
        highest = self._high or self._low or Decimal(0)
        in_months = highest * _MONTHS < _MONTHS_TO_SHOW
        factor = _MONTHS if in_months else 1
        return self.investment.model_copy(
            update={
                "of": "payback",
                "low": _rounded(self._low, factor),
                "high": _rounded(self._high, factor),
                "about": self.investment.about or self.saving.about,
                "currency": None,
                "unit": "months" if in_months else "years",
                "per": None,
                "vendor_claim": self.investment.vendor_claim or self.saving.vendor_claim,
                "basis": "computed",
                "derived_from": "investment / saving per year",
            }
        )

    @property
    def _low(self) -> Decimal | None:
        return _quotient(self.investment.low, self.saving.high)

    @property
    def _high(self) -> Decimal | None:
        return _quotient(self.investment.high, self.saving.low)


def _computed_payback(figures: Iterable[Figure]) -> Iterator[Figure]:
    """Yield the payback that follows from the one investment and the one saving, if it does."""
    investments = [each for each in figures if each.of == "investment"]
    savings = [each for each in figures if each.of == "saving"]
    if len(investments) == len(savings) == 1:
        payback = _Payback(investments[0], savings[0])
        if payback.follows:
            yield payback.figure()


def _quotient(dividend: Decimal | None, divisor: Decimal | None) -> Decimal | None:
    return dividend / divisor if dividend is not None and divisor else None


def _rounded(years: Decimal | None, factor: int) -> Decimal | None:
    return None if years is None else (years * factor).quantize(_TENTH, ROUND_HALF_UP)
