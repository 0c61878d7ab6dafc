"""Amounts, shares and days as each language writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from services.portal.web.languages import SiteLanguage
from shared.clock import HONG_KONG

_REMEMBERED: Final = 4096
_ANY_DIGITS: Final = 100
# As officials write them; "$" or "元" alone would leave the currency open.
_CURRENCIES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"HKD": "HK${}", "RMB": "RMB {}", "USD": "US${}", "AUD": "A${}", "EUR": "€{}"},
    "tc": {
        "HKD": "{}港元",
        "RMB": "人民幣{}元",
        "USD": "{}美元",
        "AUD": "{}澳元",
        "EUR": "{}歐元",
    },
    "sc": {
        "HKD": "{}港元",
        "RMB": "人民币{}元",
        "USD": "{}美元",
        "AUD": "{}澳元",
        "EUR": "{}欧元",
    },
}


@lru_cache(_REMEMBERED)
def cents(amount: int, language: SiteLanguage) -> str:
    """Write whole Hong Kong cents; without cents if there are none."""
    value = Decimal(amount) / 100
    form = "#,##0" if value == value.to_integral_value() else "#,##0.00"
    return _in_currency(format_decimal(value, form, language.locale), "HKD", language)


@lru_cache(_REMEMBERED)
def share(percent: int, language: SiteLanguage) -> str:
    """Write a share in per cent."""
    return format_percent(Decimal(percent) / 100, locale=language.locale)


@lru_cache(_REMEMBERED)
def number(value: Decimal, language: SiteLanguage) -> str:
    """Write a number with all its digits, however large it is."""
    with localcontext(prec=_ANY_DIGITS):
        return format_decimal(value, locale=language.locale, decimal_quantization=False)


def money(value: Decimal, currency: str, language: SiteLanguage) -> str:
    """Write an amount in its currency."""
    return _in_currency(number(value, language), currency, language)


def _in_currency(written: str, currency: str, language: SiteLanguage) -> str:
    return _CURRENCIES[language.code].get(currency, f"{currency} {{}}").format(written)


def day(when: date, language: SiteLanguage) -> str:
    """Write a day, or the Hong Kong day of a time."""
    shown = when.astimezone(HONG_KONG).date() if isinstance(when, datetime) else when
    return _day(shown, language)


@lru_cache(_REMEMBERED)
def _day(shown: date, language: SiteLanguage) -> str:
    return format_date(shown, "long", locale=language.locale)


def minute(when: datetime) -> str:
    """Write the time of day in Hong Kong."""
    return when.astimezone(HONG_KONG).strftime("%H:%M")
