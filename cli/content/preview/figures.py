"""A figure in words, as the tables of a preview have it."""

from decimal import Decimal
from typing import Final

from shared.events.content import Figure

_PERIODS: Final = {"once": "", "not-stated": " (period not stated)"}
_MONEY: Final = {"HKD": "HK$", "RMB": "RMB ", "USD": "US$", "AUD": "A$", "EUR": "EUR "}


def value_of(figure: Figure) -> str:
    """Return the value with its unit or currency and its period."""
    if figure.negligible:
        return "negligible"
    about = "about " if figure.about else ""
    return f"{about}{_range(figure)}{_period(figure.per)}"


def origin_of(figure: Figure) -> str:
    """Return origin, year and source."""
    vendor = ", vendor claim" if figure.vendor_claim else ""
    return f"{figure.origin}{vendor}"


def year_of(figure: Figure) -> str:
    """Return the year, and whether it is the source's."""
    if figure.year is None:
        return "not stated"
    return f"{figure.year} (of the source)" if figure.year_is_of_source else str(figure.year)


def _range(figure: Figure) -> str:
    if figure.before is not None:
        return f"{_amount(figure, figure.before)} → {_amount(figure, figure.after)}"
    if figure.low is None:
        return f"up to {_amount(figure, figure.high)}"
    if figure.high is None:
        return f"over {_amount(figure, figure.low)}"
    if figure.low == figure.high:
        return _amount(figure, figure.low)
    return f"{_amount(figure, figure.low)} to {_amount(figure, figure.high)}"


def _amount(figure: Figure, number: Decimal | None) -> str:
    written = f"{number or 0:,f}"
    if figure.currency:
        return f"{_MONEY.get(figure.currency, figure.currency + ' ')}{written}"
    return f"{written} {figure.unit}" if figure.unit else written


def _period(per: str | None) -> str:
    return _PERIODS.get(per, f" a {per}") if per else ""
