"""The list of labels: by round, category and status, with search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.labels.searching import (
    CATEGORIES,
    STATUSES,
    Asked,
    asked_by,
    find,
    years_of,
)
from services.portal.labels.standing import is_current, standing
from services.portal.pages.paging import Part, page_asked, pagination, part
from services.portal.site.labels import Label
from services.portal.web.fields import Option, select
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import as_of, now_of, render, site_of
from shared.clock import hong_kong_date

PAGE_SIZE: Final = 50
ABOVE: Final = (("/recognition", "recognition.title"),)
"""The pages above, with the words for them."""


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    words = Page(language, "")
    crumbs = [(path, words.word(key)) for path, key in ABOVE]
    page = Page(language, "/labels", words.word("labels.title"), crumbs)

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page)

    router.add_api_route(page.path, show, response_class=HTMLResponse)


def _show(request: Request, page: Page) -> HTMLResponse:
    site, asked = site_of(request), asked_by(request.query_params)
    register, now = site.edition.labels, now_of(request)
    found = find(register, asked, hong_kong_date(now))
    results = part(found, page_asked(request.query_params), PAGE_SIZE)
    return render(
        request,
        _numbered(page, asked, results),
        "labels.html.j2",
        asked=asked,
        results=results,
        has_any=bool(register.all),
        rows=[(each, standing(each, as_of(request), now)) for each in results.items],
        is_current=is_current(as_of(request), now),
        today=hong_kong_date(now),
        selects=_selects(page, asked, years_of(register)),
        pagination=pagination(page, asked.query, results.page, results.pages),
    )


def _numbered(page: Page, asked: Asked, results: Part[Label]) -> Page:
    """Return the page with its number, and with what is asked for in its address."""
    here, last = results.page, results.pages
    query = {**asked.query, **({"page": str(here)} if here > 1 else {})}
    page = replace(page, query=f"?{urlencode(query)}" if query else "")
    if last == 1:
        return page
    title = page.word("labels.title-of-page", title=page.title, page=here, pages=last)
    return replace(page, title=title)


def _selects(page: Page, asked: Asked, years: Sequence[int]) -> Sequence[Mapping[str, Any]]:
    """Return the parameters of the selects of the form."""
    return [
        _select(page, "year", str(asked.year or ""), [(str(each), str(each)) for each in years]),
        _select(page, "category", asked.category, _named(page, "category", CATEGORIES)),
        _select(page, "status", asked.status, _named(page, "standing", STATUSES)),
    ]


def _named(page: Page, section: str, codes: Sequence[str]) -> Sequence[Option]:
    return [(each, page.named(section, each)) for each in codes]


def _select(page: Page, name: str, chosen: str, options: Sequence[Option]) -> Mapping[str, Any]:
    any_ = ("", page.word("content.any"))
    return select(name, page.word(f"labels.{name}"), [any_, *options], chosen)
