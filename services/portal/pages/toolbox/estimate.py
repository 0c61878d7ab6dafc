"""What a technology could mean for a reader's factory: the form, and the result at its address."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.portal.pages.toolbox import begun_application
from services.portal.pages.toolbox.estimate_form import (
    PRICED,
    YEARLY,
    Asked,
    asked_by,
    errors,
    inputs,
    selects,
)
from services.portal.site.edition import Edition
from services.portal.toolbox.estimate import Entry, Estimate, Span, estimate
from services.portal.toolbox.intensity import own_intensity, starts
from services.portal.toolbox.precision import rounded
from services.portal.toolbox.shares import Share
from services.portal.web.figures import amount, span, value_of, year_of
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.plots import Plot, Table, ranges
from services.portal.web.templating import edition_of, now_of, render
from services.portal.web.translation import title_of
from shared.clock import hong_kong_date
from shared.events.content import Example, Figure, ItemPublished

PATH: Final = "/toolbox/estimate"
# What is shown of many: the ranges are of all, and the figures as CSV have them.
_MOST_SHARES: Final = 100
_MOST_TABLES: Final = 20
_UNKEPT: Final = {"Cache-Control": "no-store"}  # the figures of a visitor are in it


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""
    words = Page(language, "")
    crumbs = [("/toolbox", words.word("toolbox.title"))]
    page = Page(language, PATH, words.word("estimate.title"), crumbs)

    async def show(request: Request) -> Response:
        return _show(request, page)

    router.add_api_route(PATH, show, response_class=HTMLResponse)
    begun_application.add_pages(router, language)


def _show(request: Request, page: Page) -> Response:
    edition, query = edition_of(request), request.query_params
    asked = asked_by(edition, query)
    if asked.mistakes:
        page = replace(page, status=HTTPStatus.BAD_REQUEST)
    elif asked.is_sent and asked.query() != str(query):
        return RedirectResponse(f"{page.to(PATH)}?{asked.query()}", HTTPStatus.FOUND, _UNKEPT)
    else:
        page = replace(page, query=f"?{query}" if query else "")
    has_result = asked.is_sent and not asked.mistakes
    today = hong_kong_date(now_of(request))
    response = render(
        request,
        page,
        "estimate.html.j2",
        asked=asked,
        errors=errors(asked.mistakes, page),
        selects=selects(asked, page),
        yearly=inputs(YEARLY, asked, query, page),
        priced=inputs(PRICED, asked, query, page),
        result=_result(edition, asked, page, today) if has_result else None,
    )
    if asked.is_sent:
        response.headers.update(_UNKEPT)
    return response


def _result(edition: Edition, asked: Asked, page: Page, today: date) -> Mapping[str, Any]:
    """Return what the page says of a result."""
    items = asked.comparable(edition)
    found = estimate(items, asked.own)
    entries = [each for result in found.results for each in result.entries]
    shown, not_scaled = entries[:_MOST_SHARES], _not_scaled(found, entries)
    begun = begun_application.begun_application(edition, asked, page.language, today)
    return {
        "found": found,
        "entries": entries,
        "comparable": items,
        "shown": shown,
        "not_scaled": not_scaled[:_MOST_TABLES],
        "not_scaled_number": len(not_scaled),
        "plot": _plot(shown, page),
        "table": _table(shown, page),
        "intensity": own_intensity(asked.own),
        "starts": starts(found.looked_at)[:_MOST_TABLES],
        "stream": begun_application.stream_of(edition, today),
        "missing": [(page.named("blank", each), each) for each in begun.blanks],
        "draft": f"{page.to(begun_application.PATH)}?{asked.query()}",
        "amount": partial(_amount, page=page),
        "span": partial(_span, page=page),
        "share_of": partial(_share, page=page),
        "value_of": partial(value_of, page=page),
        "year_of": partial(year_of, page=page),
        "text_of": partial(_text, page=page),
    }


def _not_scaled(
    found: Estimate, entries: Sequence[Entry]
) -> Sequence[tuple[ItemPublished, Example, Sequence[Figure]]]:
    """Return the figures of each example that were not applied to the reader's own."""
    used = {id(each.share.figure) for each in entries}
    left = [
        (item, example, [each for each in example.figures if id(each) not in used])
        for item, example in found.looked_at
    ]
    return [each for each in left if each[-1]]


def _plot(entries: Sequence[Entry], page: Page) -> Plot | None:
    """Return the shares that have both ends; an open end cannot be drawn."""
    rows = [
        (_label(each, page), float(low * 100), float(high * 100), _share(each.share, page))
        for each in entries
        if (low := each.share.low) is not None and (high := each.share.high) is not None
        if each.share.how != "output"
    ]
    return ranges("shares", page.word("estimate.plot"), rows) if rows else None


def _table(entries: Sequence[Entry], page: Page) -> Table:
    head = [page.word(f"estimate.{each}") for each in ("technology", "share", "evidence")]
    rows = [
        (_label(each, page), _share(each.share, page), page.named("evidence", each.share.evidence))
        for each in entries
    ]
    return Table("shares-table", page.word("estimate.plot"), head, rows)


def _label(entry: Entry, page: Page) -> str:
    title = title_of(entry.item, page)
    return page.word("estimate.label", title=title, of=page.named("of", entry.share.of))


def _share(share: Share, page: Page) -> str:
    """Write a share as it is published, or as it follows from published figures."""
    if share.how == "printed":
        return value_of(share.figure, page)
    low, high = (_shown(each, share) for each in (share.low, share.high))
    if share.how != "output":
        return span(low, high, "%", page)
    unit = {"water": "m3", "voc": "kg"}.get(share.of, "kWh")
    return page.word("estimate.per-tonne", value=span(low, high, unit, page))


def _shown(end: Fraction | None, share: Share) -> Decimal | None:
    times = 1 if share.how == "output" else 100
    return None if end is None else rounded(end * times, share.digits)


def _amount(value: Fraction | Decimal, unit: str, page: Page) -> str:
    exact = value if isinstance(value, Decimal) else _plain(value)
    return amount(exact, unit, page)


def _plain(value: Fraction) -> Decimal:
    """Return a base as typed; where it was added up from other units, rounded to the whole."""
    found = Decimal(value.numerator) / Decimal(value.denominator)
    return found if Fraction(found) == value else Decimal(round(value))


def _span(found: Span, unit: str, page: Page) -> str:
    return span(found.low, found.high, unit, page)


def _text(item_id: str, example_id: str, words: Mapping[str, Any], page: Page) -> str:
    """Return the words that say what an example is."""
    texts = {each.id: each.text for each in words[page.language.words].examples}
    return str(texts.get(example_id, item_id))
