"""A figure in the words of a language: never more exact than its source, nothing left out."""

from decimal import Decimal

from services.portal.web import formats
from services.portal.web.templating import Page
from shared.events.content import Figure


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
    if low is None or high is None:
        return _bound(figure, page)
    if low == high:
        return _amount(low, figure, page)
    first = _amount(low, figure, page)
    return page.word("figures.range", low=first, high=_amount(high, figure, page))


def _bound(figure: Figure, page: Page) -> str:
    if figure.high is not None:
        return page.word("figures.up-to", value=_amount(figure.high, figure, page))
    if figure.low is not None:
        return page.word("figures.over", value=_amount(figure.low, figure, page))
    return page.word("figures.not-stated")


def _amount(value: Decimal, figure: Figure, page: Page) -> str:
    if figure.currency:
        return formats.money(value, figure.currency, page.language)
    written = formats.number(value, page.language)
    if not figure.unit or figure.unit == "%":
        return f"{written}{figure.unit or ''}"
    one = f"{figure.unit}-one"
    unit = page.named("unit", one if value == 1 and page.has_word(f"unit.{one}") else figure.unit)
    return f"{written} {unit}" if unit[0].isascii() else f"{written}{unit}"
