"""How amounts, days and reasons are written for the readers of a language."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency

from services.notify.catalogues import LOCALES
from shared.clock import HONG_KONG
from shared.events.envelope import Language, Reason

_REMEMBERED: Final = 4096


@lru_cache(_REMEMBERED)
def money(cents: int, language: Language) -> str:
    """Write an amount of Hong Kong dollars, exact to the cent."""
    return format_currency(Decimal(cents) / 100, "HKD", locale=LOCALES[language])


@lru_cache(_REMEMBERED)
def day(moment: datetime, language: Language) -> str:
    """Write the day that a moment falls on in Hong Kong."""
    return format_date(moment.astimezone(HONG_KONG).date(), "long", locale=LOCALES[language])


def time_of_day(moment: datetime) -> str:
    """Write the time of a moment in Hong Kong, the same in every language."""
    return moment.astimezone(HONG_KONG).strftime("%H:%M")


def sentences(reasons: Sequence[Reason], language: Language) -> list[str]:
    """Pick each reason's sentence for the reader."""
    return [_sentence(reason, language) for reason in reasons]


def _sentence(reason: Reason, language: Language) -> str:
    match language:
        case "en":
            return reason.en
        case "zh-Hant":
            return reason.zh_hant
        case "zh-Hans":
            return reason.zh_hans
