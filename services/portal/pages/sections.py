"""The sections of the content: their addresses, filters and order. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from shared.events.content import ItemPublished
from shared.events.envelope import Language

Values = Callable[[ItemPublished], Collection[str]]
SortKey = Callable[[ItemPublished, Language], Any]


@dataclass(frozen=True, slots=True)
class Section:
    """The items of a kind. `filters` has the values of an item for each question of the form."""

    kind: str
    folder: str
    filters: Mapping[str, Values] = field(default_factory=dict)
    order: SortKey = lambda item, language: item.words[language].title
    newest_first: bool = False

    @property
    def path(self) -> str:
        """Where its list is, below the language."""
        return f"/{self.folder}"


def _industries(item: ItemPublished) -> Collection[str]:
    if item.technology:
        return item.technology.industries
    return (item.case.industry,) if item.case else ()


def _processes(item: ItemPublished) -> Collection[str]:
    own = item.technology or item.case
    return own.processes if own else ()


def _saves(item: ItemPublished) -> Collection[str]:
    own = item.technology or item.case
    return own.saves if own else ()


def day_of(item: ItemPublished) -> date:
    """Return the day that a piece of news or an event is of."""
    if item.news:
        return item.news.date
    return item.gathering.starts_on if item.gathering else date.min


def _year(item: ItemPublished) -> Collection[str]:
    return (str(day_of(item).year),)


def _type(item: ItemPublished) -> Collection[str]:
    return (item.resource.type,) if item.resource else ()


def _group(item: ItemPublished) -> Collection[str]:
    return (item.question.group,) if item.question else ()


def _by_day(item: ItemPublished, _language: Language) -> tuple[date, str]:
    return day_of(item), item.item_id


def _by_order(item: ItemPublished, language: Language) -> tuple[str, int, str]:
    own = item.question or item.resource
    group = item.question.group if item.question else ""
    return group, own.order if own else 0, item.words[language].title


_MEASURES: Final = {"industry": _industries, "process": _processes, "saves": _saves}
SECTIONS: Final[Sequence[Section]] = (
    Section("technology", "technologies", _MEASURES),
    Section("case", "cases", _MEASURES),
    Section("news", "news", {"year": _year}, _by_day, newest_first=True),
    Section("event", "events", {"year": _year}, _by_day, newest_first=True),
    Section("resource", "resources", {"type": _type}, _by_order),
    Section("question", "questions", {"group": _group}, _by_order),
)
BY_KIND: Final = {each.kind: each for each in SECTIONS}
FOLDERS: Final = {each.kind: each.folder for each in SECTIONS} | {"page": "pages"}
