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


def added(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    parts = list(tallies)
    tables = {name: _added(each.tables[name] for each in parts) for name in TABLES}
    return Tally(tables, sum(each.decisions for each in parts))


def _added(parts: Iterable[Cells]) -> Cells:
    collected: dict[str, list[Cell]] = {}
    for cells in parts:
        for code, cell in cells.items():
            collected.setdefault(code, []).append(cell)
    return {code: total(cells) for code, cells in sorted(collected.items())}
