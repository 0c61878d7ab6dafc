"""Statistics: tables with their plots, and what was published before the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.pages.content import targets_of
from services.portal.site.edition import Edition
from services.portal.statistics.amounts import FEWEST, hidden, shown_total
from services.portal.statistics.counting import Statistics
from services.portal.statistics.naming import name_of, ordered
from services.portal.statistics.tally import Cell, Cells, Tally, total
from services.portal.web import formats
from services.portal.web.languages import SiteLanguage
from services.portal.web.markdown import html
from services.portal.web.page import Page
from services.portal.web.plots import ColumnPlot, Plot, Table, bars, columns, grouped
from services.portal.web.templating import edition_of, render
from shared.clock import months_after

MONTHS: Final = 24
_BY: Final = ("phase", "stream", "industry", "place")
_PUBLISHED: Final = "historical-figures"
_NUMERIC: Final = frozenset({1, 2, 3, 4})


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: its plots, and the table that has their figures."""

    name: str
    title: str
    plots: Sequence[Plot | ColumnPlot]
    table: Table
    note: str = ""


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    page = Page(language, "/statistics", Page(language, "").word("statistics.title"))

    async def show(request: Request) -> HTMLResponse:
        return _show(request, page)

    router.add_api_route(page.path, show, response_class=HTMLResponse)


def statistics_of(request: Request) -> Statistics:
    """Return the numbers of all applications."""
    statistics: Statistics = request.app.state.statistics
    return statistics


def _show(request: Request, page: Page) -> HTMLResponse:
    statistics, edition = statistics_of(request), edition_of(request)
    return render(
        request,
        page,
        "statistics.html.j2",
        counted=statistics.as_of is not None,
        until=statistics.read_until,
        fewest=FEWEST,
        **(_values(statistics.tally, page) if statistics.as_of else {}),
        **_published(edition, page),
    )


def _values(tally: Tally, page: Page) -> Mapping[str, Any]:
    funding = list(tally.tables["stream"].values())
    amount, recognition = shown_total(funding), tally.tables["category"]
    return {
        "whole": total(funding),
        "amount": _amount(amount, page),
        "parts": [
            *(part_of(name, tally.tables[name], page) for name in _BY),
            _by_month(tally, page),
        ]
        if funding
        else [],
        "recognition": _candidacies(recognition, page) if recognition else None,
    }


def part_of(name: str, cells: Cells, page: Page) -> Part:
    """Return the section of a table."""
    title, rows = page.word(f"statistics.by-{name}"), ordered(name, cells)
    kept = hidden(cells)
    named = [(name_of(name, code, page), code, cell) for code, cell in rows]
    series = [page.word("statistics.applications"), page.word("statistics.approved")]
    numbers = grouped(
        f"numbers-{name}",
        page.word("statistics.numbers-of", by=title),
        series,
        [(label, [c.applications, c.approved], _row(c, page)) for label, _, c in named],
    )
    amounts = bars(
        f"amounts-{name}",
        page.word("statistics.amounts-of", by=title),
        [
            (label, None if code in kept else cell.cents, _shown(code, cell, kept, page))
            for label, code, cell in named
        ],
    )
    return Part(name, title, [numbers, amounts], _table(name, title, rows, kept, page))


def latest_months(cells: Cells) -> Cells:
    """Return the latest months, also those without an application."""
    last = date.fromisoformat(f"{max(cells)}-01")
    months = [months_after(last, -back) for back in range(MONTHS - 1, -1, -1)]
    codes = [f"{each.year}-{each.month:02}" for each in months if each.year >= date.min.year]
    return {each: cells.get(each, Cell()) for each in codes}


def _by_month(tally: Tally, page: Page) -> Part:
    cells, title = tally.tables["month"], page.word("statistics.by-month")
    kept, shown = hidden(cells), latest_months(cells)
    rows = list(shown.items())
    highest = _number(max(each.applications for each in shown.values()), page)
    series = [page.word("statistics.approved"), page.word("statistics.other")]
    numbers = columns(
        "numbers-month",
        page.word("statistics.numbers-of", by=title),
        page.word("statistics.highest", value=highest),
        [
            (name_of("month", code, page), [each.approved, each.applications - each.approved])
            for code, each in rows
        ],
        series,
    )
    amounts = columns(
        "amounts-month",
        page.word("statistics.amounts-of", by=title),
        page.word("statistics.highest", value=_highest_amount(shown, kept, page)),
        [
            (name_of("month", code, page), [None if code in kept else each.cents])
            for code, each in rows
        ],
    )
    note = page.word("statistics.months", number=MONTHS)
    return Part("month", title, [numbers, amounts], _table("month", title, rows, kept, page), note)


def _highest_amount(cells: Cells, kept: Any, page: Page) -> str:
    shown = [each.cents for code, each in cells.items() if code not in kept]
    return _amount(max(shown, default=0), page)


def _candidacies(cells: Cells, page: Page) -> Part:
    title = page.word("statistics.recognition")
    rows = [(name_of("category", c, page), cell) for c, cell in ordered("category", cells)]
    plot = bars(
        "numbers-category",
        page.word("statistics.candidacies"),
        [(name, cell.applications, _number(cell.applications, page)) for name, cell in rows],
    )
    head = ("category", "candidacies", "in-progress", "not-qualified", "withdrawn")
    table = Table(
        "table-category",
        page.word("statistics.figures-of", by=title),
        [page.word(f"statistics.{each}") for each in head],
        [
            [
                name,
                *(
                    _number(n, page)
                    for n in (c.applications, c.in_progress, c.refused, c.withdrawn)
                ),
            ]
            for name, c in rows
        ],
        _NUMERIC,
    )
    return Part("category", title, [plot], table)


def _table(name: str, title: str, rows: Sequence[tuple[str, Cell]], kept: Any, page: Page) -> Table:
    head = [
        page.word(f"statistics.{each}") for each in (name, "applications", "approved", "amount")
    ]
    body = [
        [
            name_of(name, code, page),
            _number(cell.applications, page),
            _number(cell.approved, page),
            _shown(code, cell, kept, page),
        ]
        for code, cell in rows
    ]
    return Table(
        f"table-{name}", page.word("statistics.figures-of", by=title), head, body, _NUMERIC
    )


def _published(edition: Edition, page: Page) -> Mapping[str, Any]:
    """Return the editors' page of figures that were published earlier, if there is one."""
    item = edition.by_id.get(_PUBLISHED)
    if item is None:
        return {}
    words = item.words[page.language.words]
    text = html(words.text, targets_of(edition, item, page))
    return {"published": item, "published_words": words, "published_text": text}


def _row(cell: Cell, page: Page) -> str:
    return page.word(
        "statistics.row",
        applications=_number(cell.applications, page),
        approved=_number(cell.approved, page),
    )


def _shown(code: str, cell: Cell, kept: Any, page: Page) -> str:
    return _amount(None if code in kept else cell.cents, page)


def _amount(cents: int | None, page: Page) -> str:
    if cents is None:
        return page.word("statistics.not-shown")
    return formats.cents(cents, page.language)


def _number(value: int, page: Page) -> str:
    return formats.number(Decimal(value), page.language)
