"""Numbers of applications by each field, as they are counted and added up. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "phase": ("funding", "phase"),
    "stream": ("funding", "stream"),
    "industry": ("funding", "industry"),
    "place": ("funding", "place"),
    "month": ("funding", "month"),
    "category": ("recognition", "stream"),
}
"""Each table: which applications it counts, and by which field."""


class Cell(NamedTuple):
    """Some applications: how many, what became of them, and the sum of their grants in cents."""

    applications: int = 0
    approved: int = 0
    refused: int = 0
    withdrawn: int = 0
    cents: int = 0

    @property
    def in_progress(self) -> int:
        """How many are still to be decided."""
        return self.applications - self.approved - self.refused - self.withdrawn


Cells = Mapping[str, Cell]
NO_PHASE: Final = "no-phase"
"""The phase of what is not decided, or was received while no phase was open."""
_NONE: Final = Cell()


@dataclass(frozen=True, slots=True)
class Tally:
    """The cells of each table. `decisions` is the number of applications with any decision."""

    tables: Mapping[str, Cells] = field(default_factory=lambda: {each: {} for each in TABLES})
    decisions: int = 0

    @property
    def applications(self) -> int:
        """How many applications are counted."""
        every = (*self.tables["stream"].values(), *self.tables["category"].values())
        return sum(each.applications for each in every)

    def is_behind(self, other: "Tally") -> bool:
        """Return whether it has read less than another: neither number ever falls."""
        return self.applications < other.applications or self.decisions < other.decisions


def total(cells: Iterable[Cell]) -> Cell:
    """Return the sum of cells."""
    return Cell(*(sum(numbers) for numbers in zip(*(Cell(), *cells), strict=True)))


def replaced(whole: Tally, before: Tally, after: Tally) -> Tally:
    """Return a sum with one of its parts replaced; cells without applications are left out."""
    tables = {
        name: _replaced(cells, before.tables[name], after.tables[name])
        for name, cells in whole.tables.items()
    }
    return Tally(tables, whole.decisions - before.decisions + after.decisions)


def _replaced(whole: Cells, before: Cells, after: Cells) -> Cells:
    changed = {
        code: Cell(*map(_exchanged, *(each.get(code, _NONE) for each in (whole, before, after))))
        for code in before.keys() | after.keys()
    }
    return {code: each for code, each in {**whole, **changed}.items() if each.applications}


def _exchanged(whole: int, before: int, after: int) -> int:
    return whole - before + after
