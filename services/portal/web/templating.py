"""Renders a page in a language, with what all pages have around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader

from services.portal.site.edition import Edition
from services.portal.site.refreshing import Site
from services.portal.web import formats
from services.portal.web.languages import LANGUAGES, TAGS, SiteLanguage
from services.portal.web.wording import WORDING

STYLE: Final = (files("services.portal.web") / "static" / "portal.css").read_bytes()
STYLE_ADDRESS: Final = f"/static/portal-{sha256(STYLE).hexdigest()[:12]}.css"
ICON: Final = (files("services.portal.web") / "static" / "icon.svg").read_bytes()
ICON_ADDRESS: Final = f"/static/icon-{sha256(ICON).hexdigest()[:12]}.svg"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=0, must-revalidate",
}
# Sections in the order of the navigation: the path below the language, and the word for it.
NAVIGATION: Final = (
    ("/programme", "programme.title"),
    ("/toolbox", "toolbox.title"),
    ("/technologies", "content.technologies"),
    ("/cases", "content.cases"),
    ("/recognition", "recognition.title"),
    ("/labels", "labels.title"),
    ("/news", "content.news"),
    ("/events", "content.events"),
    ("/resources", "content.resources"),
    ("/questions", "content.questions"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page is, and what it is called; `crumbs` are the pages above it.

    `query` begins with "?" and stays when the reader changes the language.
    """

    language: SiteLanguage
    path: str
    title: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    status: HTTPStatus = HTTPStatus.OK
    query: str = ""

    def word(self, key: str, **values: object) -> str:
        """Return words of the site in the language of the page."""
        text = WORDING[self.language.code][key]
        return text.format(**values) if values else text

    def has_word(self, key: str) -> bool:
        """Return whether the site has these words."""
        return key in WORDING[self.language.code]

    def named(self, section: str, code: str) -> str:
        """Return the words for a code, or the code itself if it is newer than the words."""
        key = f"{section}.{code}"
        return self.word(key) if self.has_word(key) else code

    def to(self, path: str) -> str:
        """Return the address of another page in the same language."""
        return f"/{self.language.code}{path}"


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
        "languages": LANGUAGES,
        "navigation": NAVIGATION,
        "style_address": STYLE_ADDRESS,
        "tags": TAGS,
    }
    return environment


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


def now_of(request: Request) -> datetime:
    """Return the time."""
    now: datetime = request.app.state.now()
    return now


def as_of(request: Request) -> datetime | None:
    """Return until when the site has everything that was published; `None` if not known."""
    return site_of(request).read_until


def render(request: Request, page: Page, template: str, **values: Any) -> HTMLResponse:
    """Render a page; while nothing was read yet it says that the site is starting."""
    site = site_of(request)
    if site.as_of is None:
        return _starting(page)
    about = site.edition.pages_of("about")
    common = {"loaded": True, "as_of": as_of(request), "minute": formats.minute, "about": about}
    return _rendered(page, template, **common, **values)


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
    return HTMLResponse(text, page.status, HEADERS | {"Content-Language": language.tag})


def _with_language(write: Callable[..., str], language: SiteLanguage, *values: Any) -> str:
    return write(*values, language)
