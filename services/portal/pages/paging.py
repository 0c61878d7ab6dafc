"""The pages of a long list, and the links between them, which keep what was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from services.portal.web.page import Page

_LONGEST_NUMBER: Final = 4  # digits of the number of a page
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Part(Generic[ItemT]):
    """One page of a list, and how many items and pages there are."""

    items: Sequence[ItemT]
    number: int
    page: int
    pages: int


def page_asked(query: Mapping[str, str]) -> int:
    """Read the page that an address asks for; the first one if it makes no sense."""
    typed = query.get("page", "")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER
    return max(int(typed), 1) if is_number else 1


def part(found: Sequence[ItemT], page: int, size: int) -> Part[ItemT]:
    """Return a page of what was found; the last one if there are not so many."""
    pages = max(1, -(-len(found) // size))
    here = min(page, pages)
    return Part(found[(here - 1) * size : here * size], len(found), here, pages)


def pagination(
    page: Page, query: Mapping[str, str], here: int, last: int
) -> Mapping[str, Any] | None:
    """Return the parameters of `govukPagination`; `None` if one page is all."""
    if last == 1:
        return None

    def link(number: int) -> dict[str, Any]:
        asked = {name: value for name, value in query.items() if value}
        return {"href": f"{page.to(page.path)}?{urlencode(asked | {'page': number})}"}

    word = page.word
    return {
        "landmarkLabel": word("content.pages-label"),
        "previous": link(here - 1) | {"text": word("content.previous")} if here > 1 else None,
        "next": link(here + 1) | {"text": word("content.next")} if here < last else None,
        "items": [
            link(each) | {"number": each, "current": each == here} if each else {"ellipsis": True}
            for each in numbers(here, last)
        ],
    }


def numbers(here: int, last: int) -> Sequence[int]:
    """Return the numbers of pages to offer: the first, the last, and those around; 0 is a gap."""
    shown = sorted({1, *range(max(here - 1, 1), min(here + 1, last) + 1), last})
    found: list[int] = []
    for each in shown:
        gap = each - found[-1] if found else 1
        found += [] if gap == 1 else [each - 1] if gap == 2 else [0]  # noqa: PLR2004  # a gap of one
        found.append(each)
    return found
