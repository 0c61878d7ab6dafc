"""What the site keeps of an event. Pure: no I/O, no clock."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple, get_args

from shared.events.content import ItemPublished, ItemWithdrawn
from shared.events.eligibility import ProgrammePublished
from shared.events.envelope import Event, Language
from shared.events.recognition import LabelAwarded, LabelExpired, SchemePublished
from shared.identifiers import canonical

FactKind = Literal[
    "ItemPublished",
    "ItemWithdrawn",
    "ProgrammePublished",
    "SchemePublished",
    "LabelAwarded",
    "LabelExpired",
]
FactData = (
    ItemPublished
    | ItemWithdrawn
    | ProgrammePublished
    | SchemePublished
    | LabelAwarded
    | LabelExpired
)
TYPES: Final = (
    ItemPublished,
    ItemWithdrawn,
    ProgrammePublished,
    SchemePublished,
    LabelAwarded,
    LabelExpired,
)


_IMAGE: Final = "image"
# What an item of each kind says of itself, without which no page can show it.
_PARTS: Final[Mapping[str, str]] = {
    "news": "news",
    "page": "page",
    "case": "case",
    "technology": "technology",
    "resource": "resource",
    "event": "gathering",
    "question": "question",
    _IMAGE: _IMAGE,
}
_OUR_ERA: Final = range(1900, 2200)
_LANGUAGES: Final = frozenset(get_args(Language))


class UnshowableItemError(Exception):
    """No page can show an item, see `is_showable`; `cppp content publish` makes none such."""


class Fact(NamedTuple):
    """A fact as it is stored: two facts with the same id say the same, and the first one holds.

    `content` has the bytes of an image, which `data` leaves out.
    """

    id: str
    kind: FactKind
    data: FactData
    content: bytes = b""


def fact_of(event: Event[Any]) -> Fact:
    """Return what is kept of an event; raises `UnshowableItemError` for what cannot be shown."""
    match event.data:
        case ItemPublished() as item:
            return _published(item)
        case ItemWithdrawn() as item:
            return Fact(item_key(item), "ItemWithdrawn", item)
        case ProgrammePublished() as programme:
            return Fact(_rule_set_id("programme", programme), "ProgrammePublished", programme)
        case SchemePublished() as scheme:
            return Fact(_rule_set_id("scheme", scheme), "SchemePublished", scheme)
        case LabelAwarded() | LabelExpired() as label:
            return _of_label(label)
        case other:
            msg = f"{type(other).__name__} is no event of the site."
            raise TypeError(msg)


def _published(item: ItemPublished) -> Fact:
    """Take the bytes out of an image: the site has all items in memory, but not those."""
    if not is_showable(item):
        raise UnshowableItemError
    if item.image is None:
        return Fact(item_key(item), "ItemPublished", item)
    content = b64decode(item.image.data_base64, validate=True)
    if item.kind == _IMAGE and not content:
        raise UnshowableItemError
    image = item.image.model_copy(update={"data_base64": ""})
    bare = item.model_copy(update={"image": image})
    return Fact(item_key(item), "ItemPublished", bare, content)


def is_showable(item: ItemPublished) -> bool:
    """Return whether an item has all languages, what its kind needs, and times of our era.

    An image needs no words. No page shows an item of a kind that is not known, so it needs nothing.
    """
    part = _PARTS.get(item.kind)
    if part is None:
        return True
    has_words = item.kind == _IMAGE or item.words.keys() >= _LANGUAGES
    return has_words and getattr(item, part) is not None and all(map(_is_of_our_era, _days(item)))


def _days(item: ItemPublished) -> Iterator[date]:
    yield item.published_at
    if own := item.gathering:
        moments = (own.starts_at, own.ends_at)
        yield from (own.starts_on, own.ends_on, *(each for each in moments if each))


def _is_of_our_era(day: date) -> bool:
    """Return whether every time zone and calendar knows a day: none overflows near its end."""
    return day.year in _OUR_ERA


def item_key(item: ItemPublished | ItemWithdrawn) -> str:
    """Return the id of the fact that an item has this revision."""
    return f"item:{item.item_id}:{item.revision}"


def _rule_set_id(name: str, rules: ProgrammePublished | SchemePublished) -> str:
    return f"{name}:{rules.in_force_from.isoformat()}"


def _of_label(label: LabelAwarded | LabelExpired) -> Fact:
    """Return a fact with the certificate's number as its id: no two labels have the same."""
    key = canonical(label.certificate_number)
    if isinstance(label, LabelAwarded):
        return Fact(f"label:{key}", "LabelAwarded", label)
    return Fact(f"label-expiry:{key}", "LabelExpired", label)
