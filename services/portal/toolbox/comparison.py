"""Technologies side by side: the figures of one kind in one row. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from services.portal.toolbox.ranges import Range, ranges
from shared.events.content import Figure, ItemPublished, Measure

MOST: Final = 4
_FIRST: Final = ("investment", "grant", "saving", "payback", "return")
_ORDER: Final = (*_FIRST, *(each for each in get_args(Measure) if each not in _FIRST))

Kind = Literal["", "printed", "computed"]
"""Of a payback: printed by a source, or computed from its investment and saving."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The technologies of an address, each once, and the ids in it that are none."""

    items: Sequence[ItemPublished]
    unknown: Sequence[str]

    @property
    def too_many(self) -> bool:
        """Whether there are more than can be compared."""
        return len(self.items) > MOST

    @property
    def is_right(self) -> bool:
        """Whether the technologies can be compared."""
        return not self.unknown and not self.too_many


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of figure is for each technology; an empty cell is not stated."""

    of: str
    kind: Kind
    cells: Sequence[Sequence[Range]]


def chosen(by_id: Mapping[str, ItemPublished], ids: Iterable[str]) -> Chosen:
    """Return the technologies that have these ids, in their order."""
    asked = list(dict.fromkeys(each for each in ids if each))
    found = [by_id[each] for each in asked if each in by_id and by_id[each].technology]
    known = {each.item_id for each in found}
    return Chosen(found, [each for each in asked if each not in known])


def rows(items: Sequence[ItemPublished]) -> Sequence[Row]:
    """Return a row for each kind of figure that any of the technologies has."""
    columns = [ranges(each.technology.examples) if each.technology else () for each in items]
    keys = sorted({_key(each.shown) for column in columns for each in column}, key=_place)
    return [_row(of, kind, columns) for of, kind in keys]


def sizes(item: ItemPublished) -> Sequence[Figure]:
    """Return what the examples of a technology say about their size and where they began."""
    examples = item.technology.examples if item.technology else ()
    return [figure for each in examples for figure in (*each.size, *each.baseline)]


def _row(of: str, kind: Kind, columns: Sequence[Sequence[Range]]) -> Row:
    cells = [[each for each in column if _key(each.shown) == (of, kind)] for column in columns]
    return Row(of, kind, cells)


def _key(figure: Figure) -> tuple[str, Kind]:
    if figure.of != "payback":
        return figure.of, ""
    return figure.of, "computed" if figure.basis == "computed" else "printed"


def _place(key: tuple[str, Kind]) -> tuple[int, bool, str]:
    """Money first, then what is saved; what is newer than this release comes last."""
    of, kind = key
    place = _ORDER.index(of) if of in _ORDER else len(_ORDER)
    return place, kind == "computed", of
