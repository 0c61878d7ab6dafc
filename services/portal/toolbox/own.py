"""A factory's own yearly figures, as a reader types them into a form. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final, NamedTuple
from unicodedata import normalize

AMOUNTS: Final = ("electricity", "fuel", "water", "voc", "output")
PRICES: Final = ("electricity_price", "fuel_price", "water_price")
MONEY: Final = (*PRICES, "investment")
FUEL_UNITS: Final = ("MWh", "GJ", "m3", "L", "t")
CURRENCIES: Final = ("HKD", "RMB")
ORDER: Final = ("electricity", "fuel", "fuel_unit", "water", "voc", "output", "currency", *MONEY)
"""The order of the fields in an address."""

_OFFERED: Final = {"fuel_unit": FUEL_UNITS, "currency": CURRENCIES}
_LARGEST: Final = 999_999_999_999
_LONGEST: Final = 40
# Commas only between thousands, so that "1,5" is not taken for 15.
_NUMBER: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Electricity in kWh, water in m3, VOC in kg, output in t; all for a year.

    Prices are for one unit of each. `None` is not stated, which is not the same as 0.
    """

    electricity: Decimal | None = None
    fuel: Decimal | None = None
    fuel_unit: str = ""
    water: Decimal | None = None
    voc: Decimal | None = None
    output: Decimal | None = None
    currency: str = ""
    electricity_price: Decimal | None = None
    fuel_price: Decimal | None = None
    water_price: Decimal | None = None
    investment: Decimal | None = None

    @property
    def has_amount(self) -> bool:
        """Whether there is a figure that a share can be applied to."""
        return any(getattr(self, each) is not None for each in AMOUNTS if each != "output")

    def query(self) -> Sequence[tuple[str, str]]:
        """Return the parameters of the address, in their order."""
        values = [(each, getattr(self, each)) for each in ORDER]
        return [(name, _text(value)) for name, value in values if value not in {None, ""}]


class Mistake(NamedTuple):
    """A field that must be corrected, and which words say how."""

    field: str
    code: str


def own_figures(query: Mapping[str, str]) -> tuple[OwnFigures, Sequence[Mistake]]:
    """Read the fields of a form; what is wrong is left out and named."""
    texts = {each.name: query.get(each.name, "").strip() for each in fields(OwnFigures)}
    numbers = {each: number_of(texts[each]) for each in (*AMOUNTS, *MONEY) if texts[each]}
    wrong = [Mistake(name, "number") for name, value in numbers.items() if value is None]
    read: dict[str, Any] = {name: value for name, value in numbers.items() if value is not None}
    read |= {k: texts[k] for k, offered in _OFFERED.items() if texts[k] in offered}
    found = OwnFigures(**read)
    return found, [*wrong, *_missing(found)]


def number_of(text: str) -> Decimal | None:
    """Return a number that a person typed, `None` if it is none; full-width digits are digits."""
    plain = normalize("NFKC", text[:_LONGEST]).replace(" ", "")
    if len(text) > _LONGEST or not _NUMBER.fullmatch(plain):
        return None
    number = Decimal(plain.replace(",", ""))
    return number if number <= _LARGEST else None


def _missing(own: OwnFigures) -> Sequence[Mistake]:
    wrong = []
    if (own.fuel or own.fuel_price is not None) and not own.fuel_unit:
        wrong.append(Mistake("fuel_unit", "fuel-unit"))
    if any(getattr(own, each) is not None for each in MONEY) and not own.currency:
        wrong.append(Mistake("currency", "currency"))
    return wrong


def _text(value: Decimal | str) -> str:
    if isinstance(value, str):
        return value
    whole = value.to_integral_value()
    return f"{whole:f}" if value == whole else f"{value.normalize():f}"
