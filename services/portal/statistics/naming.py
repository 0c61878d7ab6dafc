"""The rows of the tables: what they are called, and in which order they stand. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, get_args

from babel.dates import format_skeleton

from services.portal.statistics.places import ELSEWHERE, NO_FACTORY, OTHER_GUANGDONG
from services.portal.statistics.tally import NO_PHASE, Cell, Cells
from services.portal.web.page import Page
from shared.events.intake import Category, FundingStream, Industry

_LAST: Final = (OTHER_GUANGDONG, ELSEWHERE, NO_FACTORY, NO_PHASE)
_ORDER: Final[Mapping[str, Sequence[str]]] = {
    "stream": [each for part in get_args(FundingStream) for each in get_args(part) or (part,)],
    "industry": get_args(Industry),
    "category": get_args(Category),
}


def ordered(table: str, cells: Cells) -> Sequence[tuple[str, Cell]]:
    """Return the cells of a table in the order of its rows: cities by number, the rest by code."""
    known = _ORDER.get(table, ())
    every = dict.fromkeys((*known, *sorted(cells)))
    places = {code: number for number, code in enumerate(every)}
    if table == "place":
        places = {code: -each.applications for code, each in cells.items()}
    return sorted(cells.items(), key=lambda pair: (_is_last(pair[0]), places[pair[0]], pair[0]))


def name_of(table: str, code: str, page: Page) -> str:
    """Return what a row is called in the language of a page."""
    if code in {NO_PHASE, NO_FACTORY}:
        return page.word(f"statistics.{code}")
    if table == "phase":
        return page.word("programme.phase", phase=code)
    if table == "month":
        first = date.fromisoformat(f"{code}-01")
        return format_skeleton("yMMM", first, locale=page.language.locale)
    section = "city" if page.has_word(f"city.{code}") else table
    return page.named(section, code)


def _is_last(code: str) -> int:
    return 1 + _LAST.index(code) if code in _LAST else 0
