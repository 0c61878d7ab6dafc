"""The history of the Recognition Scheme in figures: a plot and its table."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.labels.history import FIGURES, SOURCES, RoundFigures, history
from services.portal.labels.standing import is_current
from services.portal.pages.labels import ABOVE
from services.portal.site.labels import Register
from services.portal.web import formats
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.plots import Plot, stacked
from services.portal.web.templating import as_of, now_of, render, site_of
from shared.clock import hong_kong_date


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    words = Page(language, "")
    crumbs = [(path, words.word(key)) for path, key in ABOVE]
    page = Page(language, "/recognition/history", words.word("history.title"), crumbs)

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page)

    router.add_api_route(page.path, show, response_class=HTMLResponse)


def year_of(figures: RoundFigures, page: Page) -> str:
    """Return the round in words: of the platform, if it is."""
    is_here = figures.stands_for == "platform"
    return page.word("history.year-here" if is_here else "history.year", year=figures.year)


def total_of(figures: RoundFigures, page: Page) -> str:
    """Return the total in words; of what is no result, also what it is."""
    if figures.total is None:
        return page.word("history.not-known")
    total = formats.number(Decimal(figures.total), page.language)
    return page.word(f"history.total-{figures.stands_for}", number=total)


def plot_of(rounds: Sequence[RoundFigures], page: Page) -> Plot:
    """Return the plot: a bar for each round whose result is known."""
    rows = [
        (
            year_of(each, page),
            [each.of(figure) for figure in FIGURES] if each.is_result else [],
            total_of(each, page),
        )
        for each in rounds
    ]
    names = [page.word(f"history.{figure}") for figure in FIGURES]
    plot = stacked("history-plot", page.word("history.plot"), names, rows)
    drawn = [
        row if own.is_result else replace(row, lanes=[])
        for own, row in zip(rounds, plot.rows, strict=True)
    ]
    return replace(plot, rows=drawn)


def _show(request: Request, page: Page) -> HTMLResponse:
    site = site_of(request)
    register, now = site.edition.labels, now_of(request)
    rounds, today = history(register), hong_kong_date(now)
    return render(
        request,
        page,
        "label_history.html.j2",
        figures=FIGURES,
        rounds=[(year_of(each, page), total_of(each, page), each) for each in rounds],
        plot=plot_of(rounds, page),
        sources=SOURCES,
        awarded=len(register.all),
        valid=_valid(register, today) if is_current(as_of(request), now) else None,
        today=today,
    )


def _valid(register: Register, today: date) -> int:
    return sum(each.status_on(today) == "valid" for each in register.all)
