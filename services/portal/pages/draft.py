"""An application begun by the Toolbox, as a file for `cppp submit`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.portal.pages.estimate_form import Asked, asked_by
from services.portal.pages.phases import shown_as_open
from services.portal.site.edition import Edition
from services.portal.toolbox.draft import Known, draft
from services.portal.web.languages import SiteLanguage
from services.portal.web.templating import HEADERS, Page, edition_of
from shared.clock import HONG_KONG
from shared.events.programme_terms import PhaseTerms

PATH: Final = "/toolbox/estimate/application.ndjson"
# Streams that pay for equipment, the one first that most technologies of the Toolbox are for.
_FOR_EQUIPMENT: Final = ("new-technology", "demonstration-i", "demonstration", "demonstration-ii")
_AS_FILE: Final = {"Content-Disposition": 'attachment; filename="application.ndjson"'}


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the file in a language; an address that is not right leads to the form."""
    page = Page(language, "/toolbox/estimate")

    async def show(request: Request) -> Response:
        edition = edition_of(request)
        asked = asked_by(edition, request.query_params)
        if asked.mistakes:
            address = page.to(page.path) + f"?{asked.query()}"
            return RedirectResponse(address, headers=HEADERS)
        line = orjson.dumps(application_of(edition, asked, language)) + b"\n"
        return Response(line, media_type="application/x-ndjson", headers=HEADERS | _AS_FILE)

    router.add_api_route(PATH, show, response_class=Response)


def application_of(edition: Edition, asked: Asked, language: SiteLanguage) -> dict[str, Any]:
    """Return the application that an estimate begins."""
    phases = edition.programme.phases if edition.programme else ()
    title = asked.item.words[language.words].title if asked.item else ""
    cost = asked.own.investment if asked.own.currency == "HKD" else None
    stream = stream_on(phases, datetime.now(HONG_KONG).date())
    return draft(Known(stream, title, asked.choice.industry, cost, language.words))


def stream_on(phases: Sequence[PhaseTerms], today: date) -> str:
    """Return the stream for equipment of the phases that are open on a Hong Kong day."""
    offered = {each.stream for phase in shown_as_open(phases, today) for each in phase.streams}
    return next((each for each in _FOR_EQUIPMENT if each in offered), _FOR_EQUIPMENT[0])
