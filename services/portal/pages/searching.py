"""Which items of a section a reader asks for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.portal.pages.paging import Part, page_asked, part
from services.portal.pages.sections import Section
from services.portal.site.edition import Edition
from services.portal.site.searching import with_words
from shared.events.content import ItemPublished
from shared.events.envelope import Language

LONGEST_QUERY: Final = 100
PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for: words, a value for some of the filters, and a page of the results."""

    words: str = ""
    chosen: Mapping[str, str] | None = None
    page: int = 1

    @property
    def is_anything(self) -> bool:
        """Return whether anything is asked for."""
        return bool(self.words or self.chosen)


def asked_by(section: Section, query: Mapping[str, str]) -> Asked:
    """Read the query of an address; what it should not have is passed over."""
    chosen = {name: query[name] for name in section.filters if query.get(name)}
    return Asked(query.get("q", "").strip()[:LONGEST_QUERY], chosen, page_asked(query))


def find(
    edition: Edition, section: Section, asked: Asked, language: Language
) -> Part[ItemPublished]:
    """Return the items that have all the words and all the values."""
    found = with_words(edition, in_order(edition, section, language), asked.words)
    if asked.chosen:
        found = [each for each in found if _fits(each, section, asked.chosen)]
    return part(found, asked.page, PAGE_SIZE)


def in_order(edition: Edition, section: Section, language: Language) -> Sequence[ItemPublished]:
    """Return the items of a section in its order."""

    def ordered() -> Sequence[ItemPublished]:
        return sorted(
            edition.by_kind.get(section.kind, ()),
            key=lambda each: section.order(each, language),
            reverse=section.newest_first,
        )

    return edition.once(("in-order", section.kind, language), ordered)


def options(edition: Edition, section: Section, name: str) -> Sequence[str]:
    """Return the values that items have, so that none leads to an empty list."""

    def found() -> Sequence[str]:
        items = edition.by_kind.get(section.kind, ())
        values = {value for each in items for value in section.filters[name](each)}
        return sorted(values, reverse=name == "year")

    return edition.once(("options", section.kind, name), found)


def _fits(item: ItemPublished, section: Section, chosen: Mapping[str, str]) -> bool:
    return all(value in section.filters[name](item) for name, value in chosen.items())
