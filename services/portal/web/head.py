"""What a page says to search engines and to whoever shows a link to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from services.portal.web.addresses import alternates, origin_of
from services.portal.web.page import Page
from services.portal.web.structured import Data, about_item, about_site, trail
from shared.events.content import ItemPublished


@dataclass(frozen=True, slots=True)
class Head:
    """The canonical address, those of the other languages, a description, structured data.

    What a reader asked for by searches and filters is not indexed: there is no end of it.
    """

    canonical: str
    is_indexed: bool
    alternates: Mapping[str, str]
    description: str
    is_article: bool
    data: Sequence[Data]


def head_of(request: Request, page: Page, item: ItemPublished | None, text: str) -> Head:
    """Return the head of a page; `text` is that of its item, as HTML."""
    origin = origin_of(request)
    part = _part(request)
    every = alternates(origin, page.path, page.query or part)
    data = trail(page, origin) if page.path else about_site(page, origin)
    if item:
        data = [*data, *about_item(item, page, text, origin)]
    is_article = item is not None and item.kind in {"news", "case", "technology"}
    return Head(
        canonical=every[page.language.tag],
        is_indexed=bool(part) or not request.url.query,
        alternates=every,
        description=_description(page, item),
        is_article=is_article,
        data=data,
    )


def _part(request: Request) -> str:
    """Return the page of a long list: each is one of its own. Searches and filters are not."""
    number = request.query_params.get("page", "")
    is_alone = request.query_params.keys() == {"page"}
    return f"?page={number}" if is_alone and number.isascii() and number.isdigit() else ""


def _description(page: Page, item: ItemPublished | None) -> str:
    if item:
        return item.words[page.language.words].summary
    section = page.path.split("/")[1] if page.path else "home"
    for key in (f"describe.{section}", f"{section}.lead"):
        if page.has_word(key):
            return page.word(key)
    return page.word("home.lead")
