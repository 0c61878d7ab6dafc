"""A section as an Atom feed (RFC 4287). Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from services.portal.pages.searching import in_order
from services.portal.pages.sections import Section
from services.portal.site.edition import Edition
from services.portal.web.languages import TAGS
from services.portal.web.page import Page
from shared.clock import HONG_KONG
from shared.events.content import ItemPublished

MEDIA_TYPE: Final = "application/atom+xml"
LONGEST: Final = 50
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(edition: Edition, section: Section, page: Page, origin: str) -> bytes:
    """Return the feed of a section; `page` is its list.

    Ids have neither host nor revision: they stay when the site moves and when an item changes.
    """
    items = latest(edition, section, page)
    tag = page.language.tag
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": tag})
    _add(root, "id", f"urn:cppp:feed:{section.folder}:{tag}")
    _add(root, "title", page.word("feeds.title", list=page.title))
    _add(root, "updated", max((each.published_at for each in items), default=_NEVER).isoformat())
    own = f"{origin}{page.to(page.path)}"
    _link(root, "self", f"{own}.atom", MEDIA_TYPE)
    _link(root, "alternate", own, "text/html")
    _add(SubElement(root, "author"), "name", page.word("site.name"))
    for each in items:
        _add_entry(root, each, page, f"{own}/{each.item_id}")
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def latest(edition: Edition, section: Section, page: Page) -> Sequence[ItemPublished]:
    """Return the items that were published last; of those at once, as the list has them."""

    def found() -> Sequence[ItemPublished]:
        items = in_order(edition, section, page.language.words)
        return sorted(items, key=lambda each: each.published_at, reverse=True)[:LONGEST]

    return edition.once(("latest", section.kind, page.language.words), found)


def _add_entry(root: Element, item: ItemPublished, page: Page, address: str) -> None:
    words = item.words[page.language.words]
    tag = TAGS[words.language]
    entry = SubElement(root, "entry", {} if tag == page.language.tag else {"xml:lang": tag})
    _add(entry, "id", f"urn:cppp:item:{item.item_id}:{page.language.tag}")
    _add(entry, "title", words.title)
    _add(entry, "updated", item.published_at.isoformat())
    if item.news:
        begun = datetime.combine(item.news.date, time(), HONG_KONG)
        _add(entry, "published", begun.isoformat())
    _link(entry, "alternate", address, "text/html")
    _add(entry, "summary", words.summary)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_IN_XML.sub("", text)


def _link(parent: Element, relation: str, address: str, media_type: str) -> None:
    SubElement(parent, "link", {"rel": relation, "type": media_type, "href": address})
