"""What holds of all facts: the latest revision of each item, and the rule sets in force."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog

from services.portal.rules import Fact, is_showable
from services.portal.site.folding import folded
from services.portal.site.labels import LabelFacts, Register
from shared.events.content import ItemPublished, ItemWithdrawn, Words
from shared.events.eligibility import ProgrammePublished
from shared.events.envelope import Language
from shared.events.recognition import LabelAwarded, LabelExpired, SchemePublished

log = structlog.get_logger()
RulesT = TypeVar("RulesT", ProgrammePublished, SchemePublished)
T = TypeVar("T")
_REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class Edition:
    """What is published now; never changes. `by_id` has images, too.

    `search` has what is searched of each item, in each language.
    """

    by_id: Mapping[str, ItemPublished] = field(default_factory=dict)
    by_kind: Mapping[str, Sequence[ItemPublished]] = field(default_factory=dict)
    search: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    programme: ProgrammePublished | None = None
    scheme: SchemePublished | None = None
    labels: Register = field(default_factory=Register)
    _made: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes of this edition; made once, as an edition never changes."""
        if key not in self._made:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def pages_of(self, section: str) -> Sequence[ItemPublished]:
        """Return the pages of a section of the site, in the editors' order."""
        pages = [(each.page, each) for each in self.by_kind.get("page", ())]
        found = [(own.order, each) for own, each in pages if own and own.section == section]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]


@dataclass(slots=True)
class Facts:
    """All facts so far. They come in any order and more than once: the result is the same."""

    ids: set[str] = field(default_factory=set)
    _items: dict[str, ItemPublished | ItemWithdrawn] = field(default_factory=dict)
    _search: dict[str, Mapping[Language, str]] = field(default_factory=dict)
    _programme: ProgrammePublished | None = None
    _scheme: SchemePublished | None = None
    _labels: LabelFacts = field(default_factory=LabelFacts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        for each in facts:
            self.ids.add(each.id)
            self._take(each)

    def edition(self) -> Edition:
        """Return what holds now."""
        shown = {k: v for k, v in sorted(self._items.items()) if isinstance(v, ItemPublished)}
        by_kind: dict[str, list[ItemPublished]] = {}
        for each in shown.values():
            by_kind.setdefault(each.kind, []).append(each)
        search, labels = dict(self._search), self._labels.register()
        return Edition(shown, by_kind, search, self._programme, self._scheme, labels)

    def _take(self, fact: Fact) -> None:
        match fact.data:
            case ProgrammePublished() as rules:
                self._programme = _later(self._programme, rules)
            case SchemePublished() as scheme:
                self._scheme = _later(self._scheme, scheme)
            case LabelAwarded() as label:
                self._labels.award(label)
            case LabelExpired() as label:
                self._labels.expire(label)
            case item:
                self._take_item(item)

    def _take_item(self, item: ItemPublished | ItemWithdrawn) -> None:
        if isinstance(item, ItemPublished) and not is_showable(item):
            # Log: A stored item lacks a language or what its kind needs, or has a time far from
            # ours, so no page shows it. Publish it again with `cppp content publish`.
            log.warning("site.unshowable_item", item_id=item.item_id, revision=item.revision)
            return
        before = self._items.get(item.item_id)
        if before is None or item.revision > before.revision:
            self._items[item.item_id] = item
            self._search[item.item_id] = _searched(item)


def _searched(item: ItemPublished | ItemWithdrawn) -> Mapping[Language, str]:
    if isinstance(item, ItemWithdrawn):
        return {}
    return {language: folded(_text(words)) for language, words in item.words.items()}


def _text(words: Words) -> str:
    parts = (words.title, words.summary, words.text, words.enterprise, words.city, words.place)
    examples = (each.text for each in words.examples)
    return "\n".join(each for each in (*parts, *words.measures, *examples) if each)


def _later(before: RulesT | None, after: RulesT) -> RulesT:
    return before if before and before.in_force_from >= after.in_force_from else after
