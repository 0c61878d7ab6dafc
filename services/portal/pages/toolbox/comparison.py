"""Technologies of the Toolbox side by side, at an address that stays."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.site.edition import Edition
from services.portal.toolbox.comparison import MOST, Chosen, chosen, rows, sizes
from services.portal.toolbox.sorting import in_order
from services.portal.web.fields import select
from services.portal.web.figures import value_of, year_of
from services.portal.web.languages import TAGS, SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, render
from shared.events.content import ItemPublished

PATH: Final = "/toolbox/compare"
_LONGEST_ID: Final = 72


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    words = Page(language, "")
    crumbs = [("/toolbox", words.word("toolbox.title"))]
    page = Page(language, PATH, words.word("compare.title"), crumbs)

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page)

    router.add_api_route(PATH, show, response_class=HTMLResponse)


def query_of(items: Sequence[ItemPublished]) -> str:
    """Return the query of the address that compares technologies."""
    return "?" + urlencode([("item", each.item_id) for each in items]) if items else ""


def _show(request: Request, page: Page) -> HTMLResponse:
    edition = edition_of(request)
    found = chosen(edition.by_id, request.query_params.getlist("item"))
    status = HTTPStatus.OK if found.is_right else HTTPStatus.BAD_REQUEST
    page = replace(page, status=status, query=query_of(found.items) if found.is_right else "")
    shown = found.items if found.is_right else ()
    return render(
        request,
        page,
        "compare.html.j2",
        errors=_errors(found, page),
        items=shown,
        others=[(each, _without(found.items, each, page)) for each in found.items],
        rows=rows(shown),
        sizes=[sizes(each) for each in shown],
        select=_select(edition, found, page) if found.is_right else None,
        value_of=partial(value_of, page=page),
        year_of=partial(year_of, page=page),
    )


def _errors(found: Chosen, page: Page) -> Sequence[Mapping[str, Any]]:
    errors = []
    for each in found.unknown:
        text = page.word("compare.unknown", id=each[:_LONGEST_ID])
        errors.append({"text": text, "href": page.to("/toolbox")})
    if found.too_many:
        text = page.word("compare.too-many", most=MOST, number=len(found.items))
        errors.append({"text": text, "href": "#chosen"})
    return errors


def _without(items: Sequence[ItemPublished], item: ItemPublished, page: Page) -> str:
    """Return the address of the comparison without one of the technologies."""
    return page.to(PATH) + query_of([each for each in items if each is not item])


def _select(edition: Edition, found: Chosen, page: Page) -> Mapping[str, Any] | None:
    """Return the parameters of the select that adds a technology, if there is room for one."""
    if len(found.items) >= MOST:
        return None
    language, chosen_ids = page.language.words, {each.item_id for each in found.items}
    others = [
        each for each in in_order(edition, "title", language) if each.item_id not in chosen_ids
    ]
    titles = [(each.item_id, each.words[language].title) for each in others]
    field = select("item", page.word("compare.add"), [("", page.word("compare.none")), *titles])
    for option, each in zip(field["items"][1:], others, strict=True):
        if each.words[language].language != language:
            option["attributes"] = {"lang": TAGS[each.words[language].language]}
    return field | {"id": "add"}
