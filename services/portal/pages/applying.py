"""How to apply and how to ask for the status, until this site has forms for both."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, render


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""
    words = Page(language, "")
    apply = Page(language, "/apply", words.word("apply.title"))
    status = Page(language, "/status", words.word("status.title"))

    async def show_apply(request: Request) -> HTMLResponse:
        intake: str | None = request.app.state.intake_public_url
        docs = f"{intake.rstrip('/')}/docs" if intake else None
        programme = edition_of(request).programme
        return render(request, apply, "apply.html.j2", programme=programme, intake_docs=docs)

    async def show_status(request: Request) -> HTMLResponse:
        return render(request, status, "status.html.j2")

    router.add_api_route(apply.path, show_apply, response_class=HTMLResponse)
    router.add_api_route(status.path, show_status, response_class=HTMLResponse)
