"""The addresses: the pages in each language, and what they load."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.portal.feeds import routes as feeds
from services.portal.pages import (
    applying,
    certificates,
    comparison,
    content,
    estimate,
    label_history,
    labels,
    programme,
    recognition,
    self_check,
    statistics,
    toolbox,
)
from services.portal.web.languages import LANGUAGES, SiteLanguage, preferred
from services.portal.web.templating import (
    HEADERS,
    ICON,
    ICON_ADDRESS,
    STYLE,
    STYLE_ADDRESS,
    not_found,
)

_FOR_A_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def choose_language(request: Request) -> Response:
    """Lead to the language that the reader's browser asks for."""
    language = preferred(request.headers.get("accept-language", ""))
    headers = HEADERS | {"Vary": "Accept-Language"}
    return RedirectResponse(f"/{language.code}", HTTPStatus.FOUND, headers)


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
    kept = _FOR_A_YEAR if request.url.path == address else {}
    return Response(content, media_type=media_type, headers=HEADERS | kept)


router.include_router(feeds.router)
router.add_api_route("/images/{image_id}", content.show_image)
router.add_api_route("/certificates/{number:path}", certificates.choose_language)


def _pages(language: SiteLanguage) -> APIRouter:
    pages = APIRouter(prefix=f"/{language.code}", include_in_schema=False)
    feeds.add_pages(pages, language)
    programme.add_pages(pages, language)
    self_check.add_pages(pages, language)
    applying.add_pages(pages, language)
    toolbox.add_pages(pages, language)
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
