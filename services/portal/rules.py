"""What the site keeps of an event. Pure: no I/O, no clock."""

from base64 import b64decode
from typing import Any, Final, Literal, NamedTuple

from shared.events.content import ItemPublished, ItemWithdrawn
from shared.events.eligibility import ProgrammePublished
from shared.events.envelope import Event
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


class Fact(NamedTuple):
    """A fact as it is stored: two facts with the same id say the same, and the first one holds.

    `content` has the bytes of an image, which `data` leaves out.
    """

    id: str
    kind: FactKind
    data: FactData
    content: bytes = b""


def fact_of(event: Event[Any]) -> Fact:
    """Return what is kept of an event."""
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
    if item.image is None:
        return Fact(item_key(item), "ItemPublished", item)
    content = b64decode(item.image.data_base64, validate=True)
    image = item.image.model_copy(update={"data_base64": ""})
    bare = item.model_copy(update={"image": image})
    return Fact(item_key(item), "ItemPublished", bare, content)


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
