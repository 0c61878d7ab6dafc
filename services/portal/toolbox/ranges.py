"""The figures of a technology's examples as ranges; what cannot be compared stays apart. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.events.content import Example, Figure


@dataclass(frozen=True, slots=True)
class Range:
    """Figures of one kind, unit, currency, period and basis, as one figure from least to most."""

    shown: Figure
    figures: Sequence[Figure]

    @property
    def origins(self) -> Sequence[str]:
        """The origin classes, each once."""
        return sorted({each.origin for each in self.figures})

    @property
    def sources(self) -> Sequence[str]:
        """The sources, each once."""
        return list(dict.fromkeys(each.source for each in self.figures))

    @property
    def of_vendors(self) -> bool:
        """Whether a seller claims any of them."""
        return any(each.vendor_claim for each in self.figures)

    @property
    def years(self) -> Sequence[Figure]:
        """One figure for each year that is stated, or not."""
        found = {(each.year, each.year_is_of_source): each for each in self.figures}
        return sorted(found.values(), key=lambda each: each.year or 0)


def ranges(examples: Iterable[Example]) -> Sequence[Range]:
    """Return the ranges of all figures. Printed and computed values are never mixed."""
    groups: dict[object, list[Figure]] = {}
    for number, each in enumerate(f for example in examples for f in example.figures):
        groups.setdefault(_key(each, number), []).append(each)
    return [Range(_joined(figures), figures) for figures in groups.values()]


def _key(figure: Figure, number: int) -> object:
    """What two figures must have in common. "Up to" and "from … to …" stand for themselves."""
    if figure.low is None or figure.high is None:
        return number
    return figure.of, figure.currency, figure.unit, figure.per, figure.basis


def _joined(figures: Sequence[Figure]) -> Figure:
    first = figures[0]
    if len(figures) == 1:
        return first
    low: Decimal = min(each.low for each in figures if each.low is not None)
    high: Decimal = max(each.high for each in figures if each.high is not None)
    about = any(each.about for each in figures)
    return first.model_copy(update={"low": low, "high": high, "about": about})
