"""How many labels there were in each round: as published before the platform, and awarded on it."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final, Literal

from services.portal.site.labels import Register

StandsFor = Literal["awarded", "proposed", "applications", "at-least", "not-found", "platform"]
# Both manufacturing labels are one figure in the rounds that do not count them apart.
FIGURES: Final = (
    "excellent-partner-manufacturing",
    "partner-manufacturing",
    "manufacturing",
    "partner-supply-chain",
    "partner-technology-service",
)
_RESULTS: Final = frozenset({"awarded", "platform"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures were published; `weak` is a copy or reprint."""

    mark: str
    title: str
    address: str
    published: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """The labels of a round by category, and what the figures stand for.

    What is missing is not known, but for `platform`: those are counted here, and 0 is left out.
    """

    year: int
    stands_for: StandsFor
    labels: Mapping[str, int] = field(default_factory=dict)
    total: int | None = None
    source: str = ""

    @property
    def is_result(self) -> bool:
        """Return whether so many labels were awarded, neither fewer nor more."""
        return self.stands_for in _RESULTS

    def of(self, figure: str) -> int | None:
        """Return the figure of a category; `None` if it is not known."""
        own = self.labels.get(figure)
        is_counted_here = self.stands_for == "platform" and figure != "manufacturing"
        return 0 if own is None and is_counted_here else own


def _published() -> tuple[Sequence[RoundFigures], Sequence[Source]]:
    text = (files("services.portal.labels") / "results.toml").read_text(encoding="utf-8")
    read: dict[str, Any] = tomllib.loads(text)
    sources = [Source(mark, **each) for mark, each in read["sources"].items()]
    return [_round(each) for each in read["rounds"]], sources


def _round(read: Mapping[str, Any]) -> RoundFigures:
    labels, source = read.get("labels", {}), read.get("source", "")
    return RoundFigures(read["year"], read["stands_for"], labels, read.get("total"), source)


PUBLISHED, SOURCES = _published()


def awarded_here(register: Register) -> Sequence[RoundFigures]:
    """Return how many labels of each round were awarded on the platform."""
    counted: dict[int, Counter[str]] = {}
    for each in register.all:
        counted.setdefault(each.year, Counter())[each.category] += 1
    return [RoundFigures(year, "platform", own, own.total()) for year, own in counted.items()]


def history(register: Register) -> Sequence[RoundFigures]:
    """Return the figures of all rounds, the earliest first; those of the platform are apart."""
    rounds = [*PUBLISHED, *awarded_here(register)]
    return sorted(rounds, key=lambda each: (each.year, each.stands_for == "platform"))
