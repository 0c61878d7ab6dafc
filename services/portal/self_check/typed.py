"""Values as people type them: full-width digits, commas, days in several orders. Pure.

Every function raises `TypedError`, whose code names the words that say what to do.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar
from unicodedata import normalize

from babel.dates import get_month_names
from pydantic import TypeAdapter, ValidationError

from shared.credit_codes import factory_number_flaw
from shared.events.doors import at_doors
from shared.events.values import Cents, Line, Percent, RegistrationNumber
from shared.identifiers import canonical

ValueT = TypeVar("ValueT")
_AMOUNT: Final = re.compile(
    r"(?:HK\$|HKD|\$)?\s*([0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?\s*(?:港元|元)?",
    re.IGNORECASE,
)
_LARGE_UNITS: Final = re.compile(
    r"[0-9]\s*(?:[萬万億亿千百]|k\b|m\b|million|thousand)", re.IGNORECASE
)
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s*%?")
_WHOLE: Final = re.compile(r"[0-9]{1,3}")
_MOST_QUOTATIONS: Final = 100
_YEAR_FIRST: Final = re.compile(
    r"([0-9]{4})[-/.年 ]\s*([0-9]{1,2})[-/.月 ]\s*([0-9]{1,2})\s*[日号號]?"
)
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})")
_MONTH_NAMED: Final = re.compile(r"([0-9]{1,2})\s*([a-z]{3,9})\.?,?\s*([0-9]{4})", re.IGNORECASE)
_MONTHS: Final[Mapping[int, str]] = get_month_names("wide", locale="en")
_FEWEST_CHARACTERS: Final = 8
_FIRST_YEAR: Final = 2008
_LAST_YEAR: Final = 2099
_CENTS: Final[TypeAdapter[int]] = TypeAdapter(Cents)
_PERCENT: Final[TypeAdapter[Decimal]] = TypeAdapter(Percent)
_NUMBER: Final[TypeAdapter[str]] = TypeAdapter(RegistrationNumber)
_LINE: Final[TypeAdapter[str]] = TypeAdapter(at_doors(Line))


class TypedError(ValueError):
    """What is typed cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def plain(text: str) -> str:
    """Return what is typed with ordinary digits, letters and spaces."""
    return normalize("NFKC", text).strip()


def money(text: str) -> int:
    """Return an amount in Hong Kong cents."""
    found = _AMOUNT.fullmatch(plain(text))
    if found is None:
        raise TypedError("money-units" if _LARGE_UNITS.search(plain(text)) else "money")
    dollars, cents = re.sub("[, ]", "", found[1]), (found[2] or "").ljust(2, "0")
    return _checked(_CENTS, int(dollars + cents), "money-range")


def percent(text: str) -> str:
    """Return a share in per cent, as JSON has it."""
    found = _SHARE.fullmatch(plain(text))
    if found is None:
        raise TypedError(code="percent")
    return str(_checked(_PERCENT, Decimal(found[1]), "percent"))


def whole(text: str) -> int:
    """Return a number of quotations."""
    found = _WHOLE.fullmatch(plain(text))
    if found is None or int(found[0]) > _MOST_QUOTATIONS:
        raise TypedError(code="whole")
    return int(found[0])


def day(text: str) -> str:
    """Return a day as JSON has it. The day comes before the month, or the year first."""
    try:
        found = date(*_year_month_day(plain(text)))
    except ValueError:
        raise TypedError(code="day") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise TypedError(code="day-range")
    return found.isoformat()


def factory_number(text: str) -> str:
    """Return the registration number of a factory."""
    number = _checked(_NUMBER, re.sub(r"\s", "", plain(text)).upper(), "number")
    if factory_number_flaw(number):
        is_short = len(canonical(number)) < _FEWEST_CHARACTERS
        raise TypedError("number" if is_short else "number-shortened")
    return number


def line(text: str) -> str:
    """Return a name."""
    return _checked(_LINE, plain(text), "line")


READ: Final[Mapping[str, Callable[[str], str | int]]] = {
    "day": day,
    "line": line,
    "money": money,
    "number": factory_number,
    "percent": percent,
    "whole": whole,
}


def _year_month_day(text: str) -> tuple[int, int, int]:
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _YEAR_LAST.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _MONTH_NAMED.fullmatch(text):
        return int(found[3]), _month(found[2].lower()), int(found[1])
    raise TypedError(code="day")


def _month(name: str) -> int:
    found = [number for number, each in _MONTHS.items() if each.lower().startswith(name)]
    return found[0] if len(found) == 1 else 0


def _checked(adapter: TypeAdapter[ValueT], value: ValueT, code: str) -> ValueT:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        raise TypedError(code) from None
