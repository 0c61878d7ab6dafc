"""Lists of items with filters and search, the items themselves, and the images that they show."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from services.portal.pages.paging import pagination
from services.portal.pages.searching import Asked, asked_by, find, options
from services.portal.pages.sections import FOLDERS, SECTIONS, Section
from services.portal.site.edition import Edition
from services.portal.site.images import Images
from services.portal.web.fields import select
from services.portal.web.figures import value_of, year_of
from services.portal.web.gatherings import is_over, may_register, when
from services.portal.web.languages import SiteLanguage
from services.portal.web.markdown import ShownPicture, Targets, html
from services.portal.web.page import Page
from services.portal.web.templating import FOR_A_YEAR, edition_of, not_found, now_of, render
from shared.events.content import ItemPublished
from shared.events.content_markdown import PAGES_OF_THE_SITE

_SITE: Final = {each: f"/{each}" for each in PAGES_OF_THE_SITE} | {"home": ""}
_SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_LONGEST_NAME: Final = 23  # "sha256-" and 16 digits


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""
    for section in SECTIONS:
        show = partial(_show_list, section, language)
        router.add_api_route(section.path, _route(show), response_class=HTMLResponse)
        _add_item(router, section.kind, section.folder, language)
    _add_item(router, "page", FOLDERS["page"], language)


async def show_image(request: Request, image_id: str) -> Response:
    """Return an image that is published, of a type that no browser runs anything of."""
    item = edition_of(request).by_id.get(image_id)
    if item is None or item.image is None or item.image.media_type not in _SUFFIXES:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    images: Images = request.app.state.images
    content = await images.content(item)
    if not content:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    name = f"{item.item_id[:_LONGEST_NAME]}.{_SUFFIXES[item.image.media_type]}"
    own = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=item.image.media_type, headers=FOR_A_YEAR | own)


def _route(show: Any) -> Any:
    async def route(request: Request) -> HTMLResponse:
        response: HTMLResponse = show(request)
        return response

    return route


def _add_item(router: APIRouter, kind: str, folder: str, language: SiteLanguage) -> None:
    async def route(request: Request, item_id: str) -> HTMLResponse:
        item = edition_of(request).by_id.get(item_id)
        if item is None or item.kind != kind:
            return not_found(request, language)
        return _show_item(request, item, language)

    router.add_api_route(f"/{folder}/{{item_id}}", route, response_class=HTMLResponse)


def _show_list(section: Section, language: SiteLanguage, request: Request) -> HTMLResponse:
    title = Page(language, section.path).word(f"content.{section.folder}")
    page = Page(language, section.path, title)
    edition, asked = edition_of(request), asked_by(section, request.query_params)
    results = find(edition, section, asked, language.words)
    return render(
        request,
        page,
        "list.html.j2",
        section=section,
        asked=asked,
        results=results,
        when=partial(when, page=page),
        is_over=partial(is_over, now=now_of(request)),
        selects=[_select(edition, section, name, page, asked) for name in section.filters],
        pagination=pagination(page, _query(asked), results.page, results.pages),
    )


def _query(asked: Asked) -> Mapping[str, str]:
    return {"q": asked.words, **(asked.chosen or {})}


def _select(
    edition: Edition, section: Section, name: str, page: Page, asked: Asked
) -> Mapping[str, Any]:
    """Return the parameters of a select of the form."""
    named = [(each, page.named(name, each)) for each in options(edition, section, name)]
    any_ = ("", page.word("content.any"))
    chosen = (asked.chosen or {}).get(name, "")
    return select(name, page.word(f"content.{name}"), [any_, *named], chosen)


def _show_item(request: Request, item: ItemPublished, language: SiteLanguage) -> HTMLResponse:
    edition, words, folder = edition_of(request), item.words[language.words], FOLDERS[item.kind]
    above = Page(language, f"/{folder}")
    crumbs = [] if item.kind == "page" else [(above.path, above.word(f"content.{folder}"))]
    page = Page(language, f"/{folder}/{item.item_id}", words.title, crumbs)
    return render(
        request,
        page,
        "item.html.j2",
        item=item,
        words=words,
        text=html(words.text, targets_of(edition, item, page)),
        named={each.id: each.text for each in words.examples},
        related=_related(edition, item, page),
        value_of=partial(value_of, page=page),
        year_of=partial(year_of, page=page),
        when=partial(when, page=page),
        registers=item.gathering and may_register(item.gathering, now_of(request)),
    )


def _related(
    edition: Edition, item: ItemPublished, page: Page
) -> Sequence[tuple[str, ItemPublished]]:
    ids = item.case.technologies if item.case else ()
    found = [edition.by_id[each] for each in ids if each in edition.by_id]
    return [(address_of(each, page), each) for each in found if each.kind in FOLDERS]


def address_of(item: ItemPublished, page: Page) -> str:
    """Return the address of an item in the language of a page."""
    return page.to(f"/{FOLDERS[item.kind]}/{item.item_id}")


def targets_of(edition: Edition, item: ItemPublished, page: Page) -> Targets:
    """Return where the links of an item lead on a page."""
    images = {each.name: each.image_id for each in item.images}

    def link(target: str) -> str | None:
        scheme, _, rest = target.partition(":")
        name, _, part = rest.partition("#")
        if scheme == "site":
            return page.to(_SITE[name]) if name in _SITE else None
        other = edition.by_id.get(name)
        if scheme != "item" or other is None or other.kind not in FOLDERS:
            return None
        return address_of(other, page) + (f"#part-{part}" if part else "")

    def image(name: str) -> ShownPicture | None:
        shown = edition.by_id.get(images.get(name, ""))
        if shown is None or shown.image is None:
            return None
        return ShownPicture(f"/images/{shown.item_id}", shown.image.width, shown.image.height)

    return Targets(link, image, frozenset(each.id for each in item.sources))
