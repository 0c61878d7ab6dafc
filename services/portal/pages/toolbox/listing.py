"""The CP Toolbox: choose, and see what fits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from services.portal.pages.paging import Part, page_asked, pagination, part
from services.portal.pages.searching import LONGEST_QUERY
from services.portal.pages.toolbox.estimate_form import estimate_query
from services.portal.site.edition import Edition
from services.portal.site.searching import with_words
from services.portal.toolbox.bands import INVESTMENTS, PAYBACKS, ROUND_RATES
from services.portal.toolbox.matching import QUESTIONS, Choice, Matches, match
from services.portal.toolbox.ranges import ranges
from services.portal.toolbox.sorting import Order, in_order
from services.portal.web.fields import select
from services.portal.web.figures import value_of, year_of
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, not_found, render
from shared.events.content import ItemPublished, Process, Saving
from shared.events.envelope import Language
from shared.events.intake import Industry

PATH: Final = "/toolbox"
PAGE_SIZE: Final = 50  # each entry has a table; all samples are on one page
Render = Callable[[ItemPublished], Markup]
_ANSWERS: Final[Mapping[str, Collection[str]]] = {
    "industry": get_args(Industry),
    "process": get_args(Process),
    "saves": get_args(Saving),
    "investment": tuple(INVESTMENTS),
    "payback": tuple(PAYBACKS),
    "sort": get_args(Order),
}
_FOLDERS: Final = {"industries": "industry", "processes": "process"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a choice, words, an order, and a page of the results."""

    choice: Choice
    words: str
    sort: str
    page: int

    def query(self) -> Sequence[tuple[str, str]]:
        """Return the parameters of the address, but for the page."""
        sort = "" if self.sort == "title" else self.sort
        chosen = [(each, getattr(self.choice, each)) for each in QUESTIONS]
        return [(k, v) for k, v in [("q", self.words), *chosen, ("sort", sort)] if v]


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language: all technologies, and those of an industry or a process."""
    words = Page(language, "")
    page = Page(language, PATH, words.word("toolbox.title"))

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page, asked_by(request.query_params))

    router.add_api_route(PATH, show, response_class=HTMLResponse)
    for folder in _FOLDERS:
        _add_part(router, folder, page)


def _add_part(router: APIRouter, folder: str, page: Page) -> None:
    question = _FOLDERS[folder]

    async def show(request: Request, code: str) -> HTMLResponse:
        if code not in _ANSWERS[question]:
            return not_found(request, page.language)
        title = page.word("toolbox.of", name=page.named(question, code))
        part = Page(page.language, f"{PATH}/{folder}/{code}", title, [(PATH, page.title)])
        asked = replace(asked_by(request.query_params), choice=Choice(**{question: code}))
        return _show(request, part, asked)

    router.add_api_route(f"{PATH}/{folder}/{{code}}", show, response_class=HTMLResponse)


def choice_of(query: Mapping[str, str]) -> Choice:
    """Read the query of an address; answers that are not offered leave their question open."""
    answers = {each: query.get(each, "") for each in QUESTIONS}
    return Choice(**{k: v for k, v in answers.items() if v in _ANSWERS[k]})


def asked_by(query: Mapping[str, str]) -> Asked:
    """Read an address; what it should not have is passed over."""
    sort = query.get("sort", "")
    words = query.get("q", "").strip()[:LONGEST_QUERY]
    sort = sort if sort in _ANSWERS["sort"] else "title"
    return Asked(choice_of(query), words, sort, page_asked(query))


def _show(request: Request, page: Page, asked: Asked) -> HTMLResponse:
    edition, query = edition_of(request), asked.query()
    matches = find(edition, asked.choice, asked.words, asked.sort, page.language.words)
    shown, here = page_of(matches, asked.page, PAGE_SIZE)
    rates = [(name, rate) for name, rate in ROUND_RATES.items() if name != "HKD"]
    own = query if page.path == PATH else [each for each in query if each[0] in {"q", "sort"}]
    number = [("page", str(here.page))] if here.page > 1 else []
    page = replace(page, query=_query([*own, *number]))
    return render(
        request,
        page,
        "toolbox.html.j2",
        asked=asked,
        matches=matches,
        shown=shown,
        pagination=pagination(page, dict(own), here.page, here.pages),
        selects=[_select(name, page, getattr(asked.choice, name)) for name in QUESTIONS],
        sort=_select("sort", page, asked.sort),
        rates=rates,
        parts=parts_of(edition),
        figures=f"/v1/toolbox/figures.csv{_query(query)}",
        estimate_query=estimate_query(asked.choice),
        reading=edition.pages_of("toolbox"),
        once=_rendered_once(edition, language=page.language.code),
        ranges_of=lambda item: ranges(item.technology.examples),
        value_of=partial(value_of, page=page),
        year_of=partial(year_of, page=page),
    )


def find(edition: Edition, choice: Choice, words: str, order: str, language: Language) -> Matches:
    """Return the technologies that have all the words and fit a choice, in an order."""
    return match(with_words(edition, in_order(edition, order, language), words), choice)


def _rendered_once(edition: Edition, language: str) -> Callable[[ItemPublished, Render], Markup]:
    """Return a function that renders an entry once in an edition: it is the same for each choice.

    Fifty entries take 15 ms, in which no other page is answered.
    """
    entries: dict[str, Markup] = edition.once(("toolbox-entries", language), dict)

    def once(item: ItemPublished, render: Render) -> Markup:
        if item.item_id not in entries:
            entries[item.item_id] = render(item)
        return entries[item.item_id]

    return once


def page_of(matches: Matches, number: int, size: int) -> tuple[Matches, Part[ItemPublished]]:
    """Return what is on a page: those that fit come first."""
    here = part([*matches.fitting, *matches.unknown], number, size)
    fits = {each.item_id for each in matches.fitting}
    fitting = [each for each in here.items if each.item_id in fits]
    unknown = [each for each in here.items if each.item_id not in fits]
    return Matches(fitting, unknown), here


def parts_of(edition: Edition) -> Sequence[tuple[str, Sequence[str]]]:
    """Return the industries and processes that have technologies, as folders of addresses."""
    return edition.once("toolbox-parts", lambda: [_part(edition, each) for each in _FOLDERS])


def _part(edition: Edition, folder: str) -> tuple[str, Sequence[str]]:
    technologies = [e.technology for e in edition.by_kind.get("technology", ()) if e.technology]
    found = {code for each in technologies for code in getattr(each, folder)}
    return folder, [each for each in _ANSWERS[_FOLDERS[folder]] if each in found]


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs)}" if pairs else ""


def _select(name: str, page: Page, chosen: str) -> Mapping[str, Any]:
    """Return the parameters of a select of the form; an order is always chosen."""
    named = [(each, page.named(name, each)) for each in _ANSWERS[name]]
    any_ = [] if name == "sort" else [("", page.word("content.any"))]
    hint = page.word("toolbox.payback-hint") if name == "payback" else ""
    return select(name, page.word(f"toolbox.{name}"), [*any_, *named], chosen, hint)
