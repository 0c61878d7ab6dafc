"""An application begun by the Toolbox, as a file for `cppp submit`."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.portal.draft import FILE_NAME, MEDIA_TYPE, Draft, draft
from services.portal.pages.phases import shown_as_open
from services.portal.pages.toolbox.estimate_form import Asked, asked_by
from services.portal.site.edition import Edition
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, now_of
from shared.clock import hong_kong_date
from shared.events.programme_terms import PhaseTerms

PATH: Final = f"/toolbox/estimate/{FILE_NAME}"
# Streams that pay for equipment, the one first that most technologies of the Toolbox are for.
_FOR_EQUIPMENT: Final = ("new-technology", "demonstration-i", "demonstration", "demonstration-ii")
_LARGEST_COST: Final = 1_000_000_000  # dollars, as far as an application takes it
_UNKEPT: Final = {"Cache-Control": "no-store"}  # the figures of a visitor are in it
_AS_FILE: Final = {
    **_UNKEPT,
    "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
}


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the file in a language; an address that is not right leads to the form."""
    page = Page(language, "/toolbox/estimate")

    async def show(request: Request) -> Response:
        edition = edition_of(request)
        asked = asked_by(edition, request.query_params)
        if asked.mistakes:
            address = page.to(page.path) + f"?{asked.query()}"
            return RedirectResponse(address, headers=_UNKEPT)
        today = hong_kong_date(now_of(request))
        line = begun_application(edition, asked, language, today).line
        return Response(line, media_type=MEDIA_TYPE, headers=_AS_FILE)

    router.add_api_route(PATH, show, response_class=Response)


def begun_application(edition: Edition, asked: Asked, language: SiteLanguage, today: date) -> Draft:
    """Return the application that an estimate begins on a Hong Kong day."""
    return draft(stated(stream_of(edition, today), asked, language), language.words)


def stream_of(edition: Edition, today: date) -> str:
    """Return the stream that an application begun on a Hong Kong day is for."""
    phases = edition.programme.phases if edition.programme else ()
    return stream_on(phases, today)


def stated(stream: str, asked: Asked, language: SiteLanguage) -> Mapping[str, Any]:
    """Return what an estimate says of an application to a stream."""
    title = {"title": asked.item.words[language.words].title} if asked.item else {}
    cost = asked.own.investment if asked.own.currency == "HKD" else None
    cents = {} if (found := cents_of(cost)) is None else {"cost_cents": found}
    industry = {"industry": asked.choice.industry} if asked.choice.industry else {}
    parts = {"factory": industry, "project": title | cents}
    if stream == "new-technology" and asked.item:
        parts["technology"] = {"name": title["title"]}
    return {"stream": stream, **parts}


def cents_of(cost: Decimal | None) -> int | None:
    """Return a cost in cents, if an application can have it."""
    if cost is None or not 0 < cost <= _LARGEST_COST or cost * 100 != int(cost * 100):
        return None
    return int(cost * 100)


def stream_on(phases: Sequence[PhaseTerms], today: date) -> str:
    """Return the stream for equipment of the phases that are open on a Hong Kong day."""
    offered = {each.stream for phase in shown_as_open(phases, today) for each in phase.streams}
    return next((each for each in _FOR_EQUIPMENT if each in offered), _FOR_EQUIPMENT[0])
