"""Which labels a reader asks for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from services.portal.site.folding import folded
from services.portal.site.labels import Label, Register
from shared.events.intake import Category
from shared.identifiers import canonical

LONGEST_QUERY: Final = 100
CATEGORIES: Final[Sequence[str]] = get_args(Category)
STATUSES: Final = ("valid", "expired")
_LONGEST_YEAR: Final = 4  # digits


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for; empty and `None` ask for nothing."""

    words: str = ""
    year: int | None = None
    category: str = ""
    status: str = ""

    @property
    def is_anything(self) -> bool:
        """Return whether anything is asked for."""
        return self != Asked()

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query of an address that asks for this."""
        year = str(self.year or "")
        parts = {"q": self.words, "year": year, "category": self.category, "status": self.status}
        return {name: value for name, value in parts.items() if value}


def asked_by(query: Mapping[str, str]) -> Asked:
    """Read the query of an address; what is not offered is passed over."""
    year, category, status = (query.get(each, "") for each in ("year", "category", "status"))
    is_year = year.isascii() and year.isdigit() and len(year) <= _LONGEST_YEAR
    return Asked(
        query.get("q", "").strip()[:LONGEST_QUERY],
        int(year) if is_year else None,
        category if category in CATEGORIES else "",
        status if status in STATUSES else "",
    )


def find(register: Register, asked: Asked, today: date) -> Sequence[Label]:
    """Return the labels that fit, in their order.

    All words are in the name of the enterprise, or together they are the certificate's number.
    """
    words, key = folded(asked.words).split(), canonical(asked.words)
    return [
        each
        for each in register.all
        if asked.year in (None, each.year)
        and asked.category in ("", each.category)
        and asked.status in ("", each.status_on(today))
        and (all(word in each.name for word in words) or each.key == key)
    ]


def years_of(register: Register) -> Sequence[int]:
    """Return the rounds that have labels, the latest first."""
    return sorted({each.year for each in register.all}, reverse=True)
