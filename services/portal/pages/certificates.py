"""Certificates by their number: the form, and the page of each, which a QR code may lead to."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.portal.labels.standing import is_current, standing
from services.portal.pages.labels import ABOVE
from services.portal.pages.recognition import procedure_of
from services.portal.site.labels import Label
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import as_of, in_readers_language, now_of, render, site_of
from shared.clock import hong_kong_date
from shared.events.recognition import SchemePublished
from shared.identifiers import canonical

LONGEST_NUMBER: Final = 100
_ABOVE: Final = (*ABOVE, ("/labels", "labels.title"))


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""
    words = Page(language, "")
    crumbs = [(path, words.word(key)) for path, key in _ABOVE]
    page = Page(language, "/certificates", words.word("certificates.title"), crumbs)

    async def ask(request: Request) -> Response:
        return _ask(request, page)

    async def show(request: Request, number: str) -> Response:
        return _show(request, page, number)

    router.add_api_route(page.path, ask, response_class=HTMLResponse)
    router.add_api_route("/certificates/{number:path}", show, response_class=HTMLResponse)


async def choose_language(request: Request, number: str) -> Response:
    """Lead to a certificate in the language that the reader's browser asks for."""
    return in_readers_language(request, path_of(key_of(number)))


def key_of(typed: str) -> str:
    """Return the canonical form of a number; empty if it cannot be one."""
    return canonical(typed) if len(typed) <= LONGEST_NUMBER else ""


def path_of(key: str) -> str:
    """Return where a certificate is, below the language."""
    return f"/certificates/{quote(key, safe='')}" if key else "/certificates"


def example(scheme: SchemePublished | None, today: date) -> str:
    """Return a number as it is printed today; empty if the scheme is not known."""
    procedure = procedure_of(scheme, today.year) if scheme else None
    pattern = procedure.certificates.pattern if procedure else ""
    parts = {"{year}": str(today.year), "{serial}": "01234567", "{check}": "89"}
    for part, digits in parts.items():
        pattern = pattern.replace(part, digits)
    return pattern


def _ask(request: Request, page: Page) -> Response:
    typed = request.query_params.get("number")
    if key := key_of(typed or ""):
        return RedirectResponse(page.to(path_of(key)), HTTPStatus.SEE_OTHER)
    return _form(request, page, typed, is_wrong=typed is not None)


def _form(request: Request, page: Page, typed: str | None, *, is_wrong: bool) -> HTMLResponse:
    site = site_of(request)
    return render(
        request,
        replace(page, status=HTTPStatus.BAD_REQUEST) if is_wrong else page,
        "certificates.html.j2",
        typed=(typed or "")[:LONGEST_NUMBER],
        is_wrong=is_wrong,
        example=example(site.edition.scheme, hong_kong_date(now_of(request))),
    )


def _show(request: Request, page: Page, typed: str) -> Response:
    key = key_of(typed)
    if not key or typed != key:
        return RedirectResponse(page.to(path_of(key)), HTTPStatus.MOVED_PERMANENTLY)
    label = site_of(request).edition.labels.by_key.get(key)
    return _certificate(request, page, label) if label else _unknown(request, page, key)


def _certificate(request: Request, above: Page, label: Label) -> HTMLResponse:
    now = now_of(request)
    page = Page(
        above.language,
        path_of(label.key),
        above.word("certificates.of", number=label.number),
        [*above.crumbs, (above.path, above.title)],
    )
    return render(
        request,
        page,
        "certificate.html.j2",
        label=label,
        standing=standing(label, as_of(request), now),
        today=hong_kong_date(now),
    )


def _unknown(request: Request, above: Page, key: str) -> HTMLResponse:
    site = site_of(request)
    now = now_of(request)
    title = above.word("certificates.unknown")
    crumbs = [*above.crumbs, (above.path, above.title)]
    page = Page(above.language, path_of(key), title, crumbs, HTTPStatus.NOT_FOUND)
    return render(
        request,
        page,
        "certificate_unknown.html.j2",
        typed=key,
        is_current=is_current(as_of(request), now),
        example=example(site.edition.scheme, hong_kong_date(now)),
    )
