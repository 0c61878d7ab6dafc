"""Renders a page in a language, with what all pages have around it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from services.portal.site.edition import Edition
from services.portal.site.refreshing import Site
from services.portal.web import formats
from services.portal.web.addresses import WITH_FEED
from services.portal.web.head import head_of
from services.portal.web.languages import LANGUAGES, TAGS, SiteLanguage, preferred
from services.portal.web.page import Page
from services.portal.web.translation import in_own_language, lang_of_text, title_of
from shared.http.problems import unavailable

STYLE: Final = (files("services.portal.web") / "static" / "portal.css").read_bytes()
STYLE_ADDRESS: Final = f"/static/portal-{sha256(STYLE).hexdigest()[:12]}.css"
ICON: Final = (files("services.portal.web") / "static" / "icon.svg").read_bytes()
ICON_ADDRESS: Final = f"/static/icon-{sha256(ICON).hexdigest()[:12]}.svg"
FOR_A_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_STAYS_SECONDS: Final = 600
# Sections in the order of the navigation: the path below the language, and the word for it.
NAVIGATION: Final = (
    ("/programme", "programme.title"),
    ("/toolbox", "toolbox.title"),
    ("/technologies", "content.technologies"),
    ("/cases", "content.cases"),
    ("/recognition", "recognition.title"),
    ("/labels", "labels.title"),
    ("/statistics", "statistics.title"),
    ("/news", "content.news"),
    ("/events", "content.events"),
    ("/resources", "content.resources"),
    ("/questions", "content.questions"),
)


def _environment() -> Environment:
    environment = Environment(
        loader=PrefixLoader(
            {
                "site": PackageLoader("services.portal.web"),
                "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
            }
        ),
        autoescape=True,
        undefined=ChainableUndefined,  # the macros ask for parameters that are not there
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "icon_address": ICON_ADDRESS,
        "in_own_language": in_own_language,
        "lang_of_text": lang_of_text,
        "languages": LANGUAGES,
        "navigation": NAVIGATION,
        "style_address": STYLE_ADDRESS,
        "tags": TAGS,
        "title_of": title_of,
        "with_feed": WITH_FEED,
    }
    environment.filters["as_data"] = _as_data
    return environment


def _as_data(data: Any) -> Markup:
    """Write data as JSON that cannot end the element that it is in."""
    return htmlsafe_json_dumps(data, json.dumps, ensure_ascii=False)


TEMPLATES: Final = _environment()
_FORMATS: Final[Mapping[str, Callable[..., str]]] = {
    "cents": formats.cents,
    "day": formats.day,
    "money": formats.money,
    "number": formats.number,
    "share": formats.share,
}


def site_of(request: Request) -> Site:
    """Return what the site shows."""
    site: Site = request.app.state.site
    return site


def edition_of(request: Request) -> Edition:
    """Return what is published now."""
    return site_of(request).edition


def loaded_edition(request: Request) -> Edition:
    """Return what is published now; a site that has read nothing yet must not look empty.

    Raises `Problem`.
    """
    if site_of(request).as_of is None:
        raise unavailable()
    return edition_of(request)


def now_of(request: Request) -> datetime:
    """Return the time."""
    now: datetime = request.app.state.now()
    return now


def as_of(request: Request) -> datetime | None:
    """Return until when the site has everything that was published; `None` if not known."""
    until = site_of(request).read_until
    return _said(until) if until else None


def render(request: Request, page: Page, template: str, **values: Any) -> HTMLResponse:
    """Render a page; while nothing was read yet it says that the site is starting."""
    site = site_of(request)
    if site.as_of is None:
        return _starting(page)
    if page.status == HTTPStatus.OK:
        values["head"] = head_of(request, page, values.get("item"), str(values.get("text", "")))
        page = _with_query(request, page)
    about = site.edition.pages_of("about")
    common = {"loaded": True, "as_of": as_of(request), "minute": formats.minute, "about": about}
    return _rendered(page, template, **common, **values)


def _said(as_of: datetime) -> datetime:
    """Round down: still true, and a page that stays the same for a while is not sent again."""
    return as_of - timedelta(seconds=as_of.timestamp() % _STAYS_SECONDS)


def _with_query(request: Request, page: Page) -> Page:
    """Keep what a reader has asked for while the language changes."""
    query = request.url.query
    return replace(page, query=f"?{query}") if query and not page.query else page


def in_readers_language(request: Request, path: str) -> RedirectResponse:
    """Lead to a page in the language that the reader's browser asks for."""
    language = preferred(request.headers.get("accept-language", ""))
    address = Page(language, "").to(path)
    return RedirectResponse(address, HTTPStatus.FOUND, {"Vary": "Accept-Language"})


def not_found(request: Request, language: SiteLanguage) -> HTMLResponse:
    """Return the page that says that there is none, in the reader's language."""
    page = Page(language, "", status=HTTPStatus.NOT_FOUND)
    title = page.word("site.not-found")
    return render(
        request, replace(page, title=title), "message.html.j2", text="site.not-found-text"
    )


def message(
    language: SiteLanguage, status: HTTPStatus, words: str, **values: object
) -> HTMLResponse:
    """Return a page that says what went wrong, from words alone: it works whatever failed."""
    page = Page(language, "", Page(language, "").word(words), status=status)
    return _rendered(page, "message.html.j2", as_of=None, text=f"{words}-text", **values)


def _starting(page: Page) -> HTMLResponse:
    page = replace(
        page, title=page.word("site.not-loaded"), status=HTTPStatus.SERVICE_UNAVAILABLE, path=""
    )
    response = _rendered(page, "message.html.j2", as_of=None, text="site.not-loaded-text")
    response.headers["Retry-After"] = "5"
    return response


def _rendered(page: Page, template: str, **values: Any) -> HTMLResponse:
    language = page.language
    bound = {name: partial(_with_language, each, language) for name, each in _FORMATS.items()}
    text = TEMPLATES.get_template(f"site/{template}").render(
        page=page, t=page.word, **bound, **values
    )
    return HTMLResponse(text, page.status, {"Content-Language": language.tag})


def _with_language(write: Callable[..., str], language: SiteLanguage, *values: Any) -> str:
    return write(*values, language)
