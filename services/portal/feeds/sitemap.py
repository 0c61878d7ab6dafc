"""The site map (sitemaps.org): every page that can be indexed, with its other languages. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from services.portal.pages.sections import FOLDERS
from services.portal.pages.toolbox.listing import parts_of
from services.portal.self_check.questions import FACTORY_STREAMS, GROUNDS, STREAMS
from services.portal.site.edition import Edition
from services.portal.web.addresses import alternates
from services.portal.web.languages import LANGUAGES
from services.portal.web.templating import NAVIGATION

MEDIA_TYPE: Final = "application/xml"
PATHS_OF_A_FILE: Final = 1_000
"""Each is an address in each language: some 2 MB, of 50 that are allowed."""

_BESIDE_NAVIGATION: Final = (
    "/apply",
    "/certificates",
    "/recognition/history",
    "/status",
    "/toolbox/estimate",
)
_START: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML: Final = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class Listed(NamedTuple):
    """A page, the same in each language, and when it was last changed if that is known."""

    path: str
    changed: datetime | None = None


def listed(edition: Edition) -> Sequence[Listed]:
    """Return the pages below a language: those that stand alone, and those of items."""

    def found() -> Sequence[Listed]:
        items = [
            Listed(f"/{folder}/{each.item_id}", each.published_at)
            for kind, folder in FOLDERS.items()
            for each in edition.by_kind.get(kind, ())
        ]
        return [*map(Listed, _alone(edition)), *items]

    return edition.once("listed", found)


def _alone(edition: Edition) -> Iterator[str]:
    yield ""
    yield from (path for path, _ in NAVIGATION)
    yield from _BESIDE_NAVIGATION
    yield "/self-check"
    for stream in STREAMS:
        yield f"/self-check/{stream}"
        if stream in FACTORY_STREAMS:
            yield from (f"/self-check/{stream}/{each}" for each in GROUNDS)
    for folder, codes in parts_of(edition):
        yield from (f"/toolbox/{folder}/{each}" for each in codes)
    yield from (f"/certificates/{each.key}" for each in edition.labels.all)


def parts(pages: Sequence[Listed]) -> Sequence[Sequence[Listed]]:
    """Return the pages of each file."""
    firsts = range(0, len(pages), PATHS_OF_A_FILE)
    return [pages[each : each + PATHS_OF_A_FILE] for each in firsts]


def site_map(pages: Sequence[Listed], origin: str) -> str:
    """Return one file of the site map."""
    urls = "".join(url for each in pages for url in _urls(each, origin))
    return f"{_START}<urlset {_NAMESPACE} {_XHTML}>\n{urls}</urlset>\n"


def index(files: Sequence[Sequence[Listed]], origin: str) -> str:
    """Return the list of the files, for a site that one does not hold."""
    addresses = [f"{origin}/sitemaps/{each}.xml" for each in range(1, len(files) + 1)]
    maps = "".join(
        f"<sitemap>{_element('loc', address)}{_changed(pages)}</sitemap>\n"
        for address, pages in zip(addresses, files, strict=True)
    )
    return f"{_START}<sitemapindex {_NAMESPACE}>\n{maps}</sitemapindex>\n"


def robots(origin: str) -> str:
    """Return what robots may read: the pages."""
    closed = ("/v1/", "/docs", "/openapi.json", "/livez", "/readyz", "/metrics")
    lines = ["User-agent: *", *(f"Disallow: {each}" for each in closed), "Allow: /"]
    return "\n".join([*lines, "", f"Sitemap: {origin}/sitemap.xml", ""])


def _urls(page: Listed, origin: str) -> Iterator[str]:
    every = alternates(origin, page.path)
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href={quoteattr(address)}/>\n'
        for tag, address in every.items()
    )
    for each in LANGUAGES:
        yield f"<url>{_element('loc', every[each.tag])}{_changed([page])}\n{others}</url>\n"


def _changed(pages: Sequence[Listed]) -> str:
    moments = [each.changed for each in pages if each.changed]
    return _element("lastmod", max(moments).isoformat(timespec="seconds")) if moments else ""


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
