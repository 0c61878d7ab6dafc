"""Formats amounts, days and reasons in a language."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from services.notify.mails.catalogues import LOCALES
from shared.clock import HONG_KONG
from shared.events.envelope import Language, Reason

_REMEMBERED: Final = 4096


@lru_cache(_REMEMBERED)
def money(cents: int, language: Language) -> str:
    """Format an amount of Hong Kong dollars, exact to the cent."""
    return format_currency(Decimal(cents) / 100, "HKD", locale=LOCALES[language])


@lru_cache(_REMEMBERED)
def share(percent: int, language: Language) -> str:
    """Format a share in percent."""
    return format_percent(Decimal(percent) / 100, locale=LOCALES[language])


def day(when: date, language: Language) -> str:
    """Format a day, or the Hong Kong day of a time."""
    shown = when.astimezone(HONG_KONG).date() if isinstance(when, datetime) else when
    return _day(shown, language)


@lru_cache(_REMEMBERED)  # of days: hardly two mails have the same time
def _day(shown: date, language: Language) -> str:
    return format_date(shown, "long", locale=LOCALES[language])


def time_of_day(moment: datetime) -> str:
    """Format the time of day in Hong Kong, the same in every language."""
    return moment.astimezone(HONG_KONG).strftime("%H:%M")


def sentences(reasons: Sequence[Reason], language: Language) -> list[str]:
    """Return each reason's sentence in the recipient's language, if it has one."""
    return [found for reason in reasons if (found := _sentence(reason, language))]


def _sentence(reason: Reason, language: Language) -> str:
    match language:
        case "en":
            return reason.en
        case "zh-Hant":
            return reason.zh_hant
        case "zh-Hans":
            return reason.zh_hans
