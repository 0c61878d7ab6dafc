"""An application that the Toolbox has begun: what the site knows, and null for the rest. Pure.

It is a line for `cppp submit`, which takes it once nothing in it is null.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from shared.events.envelope import Language

_LARGEST_COST: Final = 1_000_000_000  # dollars, as far as an application takes it


class Known(NamedTuple):
    """What the site knows of an application; what it does not know is empty."""

    stream: str
    title: str
    industry: str
    cost: Decimal | None
    language: Language


def draft(known: Known) -> dict[str, Any]:
    """Return the application."""
    title = known.title or None
    application: dict[str, Any] = {
        "stream": known.stream,
        "enterprise": {"name": None, "business_registration_number": None},
        "connection": {"ground": None},
        "factory": {
            "registration_number": None,
            "name": None,
            "place": None,
            "city": None,
            "industry": known.industry or None,
        },
        "project": {
            "title": title,
            "cost_cents": _cents(known.cost),
            "starts_on": None,
            "ends_on": None,
        },
    }
    if known.stream == "new-technology":
        technology = {"name": title, "on_technology_list": None, "developed_by": None}
        application["technology"] = technology
    contact = {"name": None, "email": None, "language": known.language}
    return {"application": application, "contact": contact}


def missing(document: Any, pointer: str = "") -> Iterator[str]:
    """Return what must still be filled in, as JSON pointers."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from missing(value, f"{pointer}/{name}")
    elif document is None:
        yield pointer


def _cents(cost: Decimal | None) -> int | None:
    if cost is None or not 0 < cost <= _LARGEST_COST or cost * 100 != int(cost * 100):
        return None
    return int(cost * 100)
