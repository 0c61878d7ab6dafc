"""The first page, and that of the Programme: the published rules, and what is open now."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.pages.phases import PhaseStatus, known, sentence, shown_as_open, status_on
from services.portal.pages.searching import in_order
from services.portal.pages.sections import BY_KIND
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, now_of, render
from shared.clock import hong_kong_date
from shared.events.eligibility import ProgrammePublished
from shared.events.programme_terms import PhaseTerms

_LATEST: Final = 3


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""
    words = Page(language, "")
    home = Page(language, "", words.word("home.title"))
    programme = Page(language, "/programme", words.word("programme.title"))

    async def show_home(request: Request) -> HTMLResponse:
        edition = edition_of(request)
        news = in_order(edition, BY_KIND["news"], language.words)[:_LATEST]
        values = _now(request, home)
        return render(request, home, "home.html.j2", news=news, **values)

    async def show_programme(request: Request) -> HTMLResponse:
        edition = edition_of(request)
        reading = edition.pages_of("programme")
        values = _now(request, programme) | {
            "reading": reading,
            "known": partial(known, page=programme),
        }
        return render(request, programme, "programme.html.j2", **values)

    router.add_api_route("", show_home, response_class=HTMLResponse)
    router.add_api_route("/programme", show_programme, response_class=HTMLResponse)


def open_phases(
    programme: ProgrammePublished, today: date
) -> Sequence[tuple[PhaseTerms, PhaseStatus]]:
    """Return the phases that accept applications on a Hong Kong day, or may."""
    found = shown_as_open(programme.phases, today)
    return [(each, status_on(each, today)) for each in found]


def _now(request: Request, page: Page) -> dict[str, Any]:
    programme = edition_of(request).programme
    today = hong_kong_date(now_of(request))
    phases = open_phases(programme, today) if programme else ()
    sentences = [sentence(phase, status, page) for phase, status in phases]
    return {"programme": programme, "open": phases, "sentences": sentences}
