"""The addresses: the pages in each language, and what they load."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.portal.feeds import routes as feeds
from services.portal.pages import (
    applying,
    certificates,
    content,
    label_history,
    labels,
    programme,
    recognition,
    self_check,
    statistics,
)
from services.portal.pages.toolbox import comparison, estimate, listing
from services.portal.web.languages import LANGUAGES, SiteLanguage
from services.portal.web.templating import (
    FOR_A_YEAR,
    ICON,
    ICON_ADDRESS,
    STYLE,
    STYLE_ADDRESS,
    in_readers_language,
    not_found,
)

router = APIRouter(include_in_schema=False)


@router.get("/")
async def choose_language(request: Request) -> Response:
    """Lead to the language that the reader's browser asks for."""
    return in_readers_language(request, "")


@router.get("/static/portal-{version}.css")
async def style(request: Request, version: str) -> Response:  # noqa: ARG001  # part of the path
    """Return the style sheet of all pages."""
    return _file(request, STYLE_ADDRESS, STYLE, "text/css")


@router.get("/static/icon-{version}.svg")
async def icon(request: Request, version: str) -> Response:  # noqa: ARG001  # part of the path
    """Return the icon that browsers show beside a title."""
    return _file(request, ICON_ADDRESS, ICON, "image/svg+xml")


def _file(request: Request, address: str, content: bytes, media_type: str) -> Response:
    """Return a file that all pages load; a new one has another address.

    While two releases run side by side, a page of one may ask the other for its files.
    """
    kept = FOR_A_YEAR if request.url.path == address else {}
    return Response(content, media_type=media_type, headers=kept)


router.include_router(feeds.router)
router.add_api_route("/images/{image_id}", content.show_image)
router.add_api_route("/certificates/{number:path}", certificates.choose_language)


def _pages(language: SiteLanguage) -> APIRouter:
    pages = APIRouter(prefix=f"/{language.code}", include_in_schema=False)
    feeds.add_pages(pages, language)
    programme.add_pages(pages, language)
    self_check.add_pages(pages, language)
    applying.add_pages(pages, language)
    listing.add_pages(pages, language)
    comparison.add_pages(pages, language)
    estimate.add_pages(pages, language)
    recognition.add_pages(pages, language)
    labels.add_pages(pages, language)
    certificates.add_pages(pages, language)
    label_history.add_pages(pages, language)
    statistics.add_pages(pages, language)
    content.add_pages(pages, language)

    async def missing(request: Request) -> HTMLResponse:
        return not_found(request, language)

    pages.add_api_route("/{path:path}", missing, response_class=HTMLResponse)
    return pages


for _each in LANGUAGES:
    router.include_router(_pages(_each))
