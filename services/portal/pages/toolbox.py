"""The CP Toolbox: choose, and see what fits."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final, get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.pages.comparison import by_title
from services.portal.pages.estimate_form import estimate_query
from services.portal.pages.paging import Part, page_asked, pagination, part
from services.portal.toolbox.bands import INVESTMENTS, PAYBACKS, ROUND_RATES
from services.portal.toolbox.matching import QUESTIONS, Choice, Matches, match
from services.portal.toolbox.ranges import ranges
from services.portal.web.figures import value_of, year_of
from services.portal.web.languages import SiteLanguage
from services.portal.web.templating import Page, edition_of, render
from shared.events.content import ItemPublished, Process, Saving
from shared.events.intake import Industry

_ANSWERS: Final[Mapping[str, Collection[str]]] = {
    "industry": get_args(Industry),
    "process": get_args(Process),
    "saves": get_args(Saving),
    "investment": tuple(INVESTMENTS),
    "payback": tuple(PAYBACKS),
}
PAGE_SIZE: Final = 50  # each entry has a table; all samples are on one page


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    page = Page(language, "/toolbox", Page(language, "").word("toolbox.title"))

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page)

    router.add_api_route(page.path, show, response_class=HTMLResponse)


def choice_of(query: Mapping[str, str]) -> Choice:
    """Read the query of an address; answers that are not offered leave their question open."""
    answers = {each: query.get(each, "") for each in QUESTIONS}
    return Choice(**{k: v for k, v in answers.items() if v in _ANSWERS[k]})


def _show(request: Request, page: Page) -> HTMLResponse:
    edition, choice = edition_of(request), choice_of(request.query_params)
    matches = match(by_title(edition, page), choice)
    shown, here = _page_of(matches, page_asked(request.query_params))
    rates = [(name, rate) for name, rate in ROUND_RATES.items() if name != "HKD"]
    return render(
        request,
        page,
        "toolbox.html.j2",
        choice=choice,
        matches=matches,
        shown=shown,
        pagination=pagination(page, asdict(choice), here.page, here.pages),
        selects=[_select(name, page, choice) for name in QUESTIONS],
        rates=rates,
        estimate_query=estimate_query(choice),
        reading=edition.pages_of("toolbox"),
        ranges_of=lambda item: ranges(item.technology.examples),
        value_of=partial(value_of, page=page),
        year_of=partial(year_of, page=page),
    )


def _page_of(matches: Matches, number: int) -> tuple[Matches, Part[ItemPublished]]:
    """Return what is on a page: those that fit come first."""
    here = part([*matches.fitting, *matches.unknown], number, PAGE_SIZE)
    fits = {each.item_id for each in matches.fitting}
    fitting = [each for each in here.items if each.item_id in fits]
    unknown = [each for each in here.items if each.item_id not in fits]
    return Matches(fitting, unknown), here


def _select(name: str, page: Page, choice: Choice) -> Mapping[str, Any]:
    """Return the parameters of a select of the form."""
    named = [{"value": each, "text": page.named(name, each)} for each in _ANSWERS[name]]
    return {
        "id": name,
        "name": name,
        "label": {"text": page.word(f"toolbox.{name}")},
        "value": getattr(choice, name),
        "items": [{"value": "", "text": page.word("content.any")}, *named],
    }
