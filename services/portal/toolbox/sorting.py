"""The order of technologies by what their examples state; what states nothing comes last. Pure.

Amounts are compared at the round rates of the bands, and only printed paybacks with each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, Literal

from services.portal.toolbox.bands import MONTHS, ROUND_RATES
from shared.events.content import Figure, ItemPublished
from shared.events.envelope import Language

Order = Literal["title", "payback", "investment", "saving"]

_YEARLY: Final = {"year": 1, "half-year": 2, "month": 12}


def ordered(
    items: Iterable[ItemPublished], order: str, language: Language
) -> Sequence[ItemPublished]:
    """Return technologies: least investment, shortest payback or largest saving first."""
    by_title = sorted(items, key=lambda each: each.words[language].title)
    if order not in {"payback", "investment", "saving"}:
        return by_title
    values = {each.item_id: _value(each, order) for each in by_title}
    known = [each for each in by_title if values[each.item_id] is not None]
    known.sort(key=lambda each: values[each.item_id] or Decimal(0), reverse=order == "saving")
    return [*known, *(each for each in by_title if values[each.item_id] is None)]


def _value(item: ItemPublished, order: str) -> Decimal | None:
    examples = item.technology.examples if item.technology else ()
    figures = [each for example in examples for each in example.figures if each.of == order]
    found = [value for each in figures for value in _values(each)]
    if not found:
        return None
    return max(found) if order == "saving" else min(found)


def _values(figure: Figure) -> Iterator[Decimal]:
    """Return both ends of a figure in months, in dollars or in dollars a year."""
    factor = _factor(figure)
    if figure.negligible:
        yield Decimal(0)
    elif factor is not None:
        yield from (each * factor for each in (figure.low, figure.high) if each is not None)


def _factor(figure: Figure) -> Decimal | None:
    if figure.of == "payback":
        return None if figure.basis == "computed" else MONTHS.get(figure.unit or "")
    rate = ROUND_RATES.get(figure.currency or "")
    if rate is None or figure.of == "investment":
        return rate
    times = _YEARLY.get(figure.per or "")
    return rate * times if times else None
