"""Electricity for each kilogram made: how far a factory begins where an example began. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from services.portal.toolbox.own import OwnFigures
from services.portal.toolbox.precision import digits_of, rounded
from shared.events.content import Example, ItemPublished

_PER_KILOGRAM: Final = {"kWh/kg": Fraction(1), "kWh/lb": 1 / Fraction("0.45359237")}
_DIGITS: Final = 2


class Start(NamedTuple):
    """What an example needed before, in kWh for each kilogram."""

    item: ItemPublished
    example: Example
    before: Decimal


def own_intensity(own: OwnFigures) -> Decimal | None:
    """Return the reader's own electricity for each kilogram, if both are stated."""
    if own.electricity is None or not own.output:
        return None
    return rounded(Fraction(own.electricity) / (Fraction(own.output) * 1_000), _DIGITS)


def starts(looked_at: Iterable[tuple[ItemPublished, Example]]) -> Sequence[Start]:
    """Return where the examples began that say so."""
    return [
        Start(item, example, rounded(Fraction(each.before) * factor, digits_of(each.before)))
        for item, example in looked_at
        for each in example.figures
        if each.before is not None and (factor := _PER_KILOGRAM.get(each.unit or ""))
    ]
