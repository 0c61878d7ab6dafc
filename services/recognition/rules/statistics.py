"""Labels by year and category: stored ones beside the published figures of each round."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Field, NonNegativeInt, TypeAdapter, model_validator

from services.recognition.rules.dated import Year
from shared.decisions.rule_file import Entry
from shared.events.intake import Category

_SHIPPED: Final = Path(__file__).with_name("results.toml")
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

StandsFor = Literal["awarded", "proposed", "applications", "at-least", "not-found"]


class PublishedResult(Entry):
    """The published figures of one round; a missing figure is unknown.

    `manufacturing` is the figure of both manufacturing labels if they are counted together.
    """

    year: Year
    round: NonNegativeInt
    stands_for: StandsFor
    manufacturing: NonNegativeInt | None = None
    labels: dict[Category, NonNegativeInt] = Field(default_factory=dict)
    total: NonNegativeInt | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> "PublishedResult":
        figures = [*self.labels.values(), *([self.manufacturing] if self.manufacturing else ())]
        if figures and sum(figures) != self.total:
            added = sum(figures)
            msg = f"Must have figures of {self.year} that add up to {self.total}, not to {added}."
            raise ValueError(msg)
        if (self.stands_for == "not-found") != (self.total is None):
            msg = f"Must have either a total of {self.year} or `stands_for` = `not-found`."
            raise ValueError(msg)
        if (self.total is None) != (self.source is None):
            msg = f"Must have a source for the total of {self.year}."
            raise ValueError(msg)
        return self

    def of(self, category: Category) -> int | None:
        """Return the published figure of one category, if it is known."""
        return self.labels.get(category)


_RESULTS: Final = TypeAdapter(dict[Literal["rounds"], tuple[PublishedResult, ...]])


@cache
def published_results(file: Path = _SHIPPED) -> tuple[PublishedResult, ...]:
    """Read and check the shipped figures; errors name the year."""
    return _RESULTS.validate_python(tomllib.loads(file.read_text(encoding="utf-8")), strict=False)[
        "rounds"
    ]


@dataclass(frozen=True, slots=True)
class YearRow:
    """One round: the number of stored labels, and the published figures."""

    year: int
    on_record: Mapping[Category, int]
    on_record_total: int
    published: PublishedResult | None


def table(counted: Mapping[tuple[int, Category], int]) -> Sequence[YearRow]:
    """Return every round with stored labels or published figures, the earliest first."""
    published = {each.year: each for each in published_results()}
    years = sorted(published.keys() | {year for year, _ in counted})
    return [_row(year, counted, published.get(year)) for year in years]


def _row(
    year: int, counted: Mapping[tuple[int, Category], int], published: PublishedResult | None
) -> YearRow:
    on_record = {each: counted.get((year, each), 0) for each in CATEGORIES}
    return YearRow(year, on_record, sum(on_record.values()), published)
