"""The addresses of feeds, calendar files, the site map and `robots.txt`."""

from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response

from services.portal.feeds import atom, calendar, sitemap
from services.portal.pages.sections import BY_KIND, SECTIONS, Section
from services.portal.web.addresses import WITH_FEED, origin_of
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import loaded_edition

_EVENTS: Final = BY_KIND["event"]

router = APIRouter(include_in_schema=False)


def add_pages(pages: APIRouter, language: SiteLanguage) -> None:
    """Add the feeds and calendar files in a language."""
    for section in SECTIONS:
        if section.path in WITH_FEED:
            list_page = _list_page(section, language)
            pages.add_api_route(f"{section.path}.atom", _feed_route(section, list_page))
    events = _list_page(_EVENTS, language)
    pages.add_api_route(f"{_EVENTS.path}.ics", partial(_all_events, events))
    pages.add_api_route(f"{_EVENTS.path}/{{item_id}}.ics", _event_route(events))


@router.get("/sitemap.xml")
async def site_map(request: Request) -> Response:
    """Return the site map, or the list of its files."""
    files = sitemap.parts(sitemap.listed(loaded_edition(request)))
    write = partial(sitemap.index, files) if len(files) > 1 else partial(sitemap.site_map, files[0])
    return _answer(write(origin_of(request)), sitemap.MEDIA_TYPE)


@router.get("/sitemaps/{number}.xml")
async def part_of_site_map(request: Request, number: str) -> Response:
    """Return one file of a large site map."""
    files = sitemap.parts(sitemap.listed(loaded_edition(request)))
    numbered = {str(place): each for place, each in enumerate(files, 1)}
    if number not in numbered:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _answer(sitemap.site_map(numbered[number], origin_of(request)), sitemap.MEDIA_TYPE)


@router.get("/robots.txt")
async def robots(request: Request) -> Response:
    """Return what robots may read."""
    return _answer(sitemap.robots(origin_of(request)), "text/plain")


def _feed_route(section: Section, page: Page) -> Any:
    async def route(request: Request) -> Response:
        content = atom.feed(loaded_edition(request), section, page, origin_of(request))
        return _answer(content, atom.MEDIA_TYPE)

    return route


async def _all_events(page: Page, request: Request) -> Response:
    edition, origin = loaded_edition(request), origin_of(request)
    items = edition.by_kind.get(_EVENTS.kind, ())
    make = partial(calendar.calendar, items, page, origin)
    # One for each language: who asks can name any host, unless the site knows its address.
    made: dict[str, bytes] = edition.once(("calendar", page.language.code), dict)
    if origin not in made:
        made.clear()
        made[origin] = make()
    return _file(made[origin], _EVENTS.folder)


def _event_route(page: Page) -> Any:
    async def route(request: Request, item_id: str) -> Response:
        item = loaded_edition(request).by_id.get(item_id)
        if item is None or item.kind != _EVENTS.kind:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _file(calendar.calendar([item], page, origin_of(request)), item_id)

    return route


def _list_page(section: Section, language: SiteLanguage) -> Page:
    return Page(language, section.path, Page(language, "").word(f"content.{section.folder}"))


def _file(content: bytes, name: str) -> Response:
    response = _answer(content, calendar.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def _answer(content: str | bytes, media_type: str) -> Response:
    return Response(content, headers={"Content-Type": f"{media_type}; charset=utf-8"})
