"""Links between the pages of a list."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from services.portal.web.templating import Page


def pagination(
    page: Page, query: Sequence[tuple[str, str]], here: int, last: int
) -> Mapping[str, Any] | None:
    """Return the parameters of the component, `None` for a list on one page."""
    if last <= 1:
        return None

    def link(number: int) -> dict[str, Any]:
        return {"href": f"{page.to(page.path)}?{urlencode([*query, ('page', number)])}"}

    word = page.word
    return {
        "landmarkLabel": word("content.pages-label"),
        "previous": link(here - 1) | {"text": word("content.previous")} if here > 1 else None,
        "next": link(here + 1) | {"text": word("content.next")} if here < last else None,
        "items": [
            link(each) | {"number": each, "current": each == here} for each in range(1, last + 1)
        ],
    }


def page_number(query: Mapping[str, str]) -> int:
    """Return the page that an address asks for; the first one if it asks for none."""
    text = query.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 1  # noqa: PLR2004
    return max(number, 1)
