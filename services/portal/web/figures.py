"""A figure in the words of a language: never more exact than its source, nothing left out."""

from decimal import Decimal
from typing import Final, get_args

from services.portal.web import formats
from services.portal.web.page import Page
from shared.events.content import Currency, Figure

# Of these the name of the figure says what is counted: "Factories: 4", not "4 pieces".
_COUNTED: Final = frozenset({"factories", "machines", "presses", "kilns", "mills"})


def value_of(figure: Figure, page: Page) -> str:
    """Return the value with its unit or currency, and its period."""
    if figure.negligible:
        return page.word("figures.negligible")
    value = _range(figure, page)
    if figure.about:
        value = page.word("figures.about", value=value)
    per = figure.per or "once"
    return page.word(f"per.{per}", value=value) if page.has_word(f"per.{per}") else value


def year_of(figure: Figure, page: Page) -> str:
    """Return the year of the figure, or of its source, or that the source does not say."""
    if figure.year is None:
        return page.word("figures.not-stated")
    if figure.year_is_of_source:
        return page.word("figures.of-source", year=figure.year)
    return str(figure.year)


def _range(figure: Figure, page: Page) -> str:
    low, high = figure.low, figure.high
    if figure.before is not None and figure.after is not None:
        before, after = _amount(figure.before, figure, page), _amount(figure.after, figure, page)
        return page.word("figures.before-after", before=before, after=after)
    return span(low, high, figure.currency or _unit(figure), page)


def amount(value: Decimal, unit: str | None, page: Page) -> str:
    """Write a number with its unit, or an amount of money if the unit is a currency."""
    if unit in get_args(Currency):
        return formats.money(value, str(unit), page.language)
    written = formats.number(value, page.language)
    if not unit or unit == "%":
        return f"{written}{unit or ''}"
    one = f"{unit}-one"
    words = page.named("unit", one if value == 1 and page.has_word(f"unit.{one}") else unit)
    return f"{written} {words}" if words[0].isascii() else f"{written}{words}"


def span(low: Decimal | None, high: Decimal | None, unit: str | None, page: Page) -> str:
    """Write a value from low to high; one of them is missing for a bound."""
    if low is None or high is None:
        bound, key = (high, "up-to") if low is None else (low, "over")
        if bound is None:
            return page.word("figures.not-stated")
        return page.word(f"figures.{key}", value=amount(bound, unit, page))
    if low == high:
        return amount(low, unit, page)
    first, last = amount(low, unit, page), amount(high, unit, page)
    return page.word("figures.range", low=first, high=last)


def _amount(value: Decimal, figure: Figure, page: Page) -> str:
    if figure.currency:
        return formats.money(value, figure.currency, page.language)
    return amount(value, _unit(figure), page)


def _unit(figure: Figure) -> str | None:
    return None if figure.unit == "pieces" and figure.of in _COUNTED else figure.unit
