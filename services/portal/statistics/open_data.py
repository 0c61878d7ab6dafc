"""The statistics as open data: JSON, and a CSV file of each table. Pure."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Annotated, Final

from pydantic import BaseModel, Field

from services.portal.statistics.amounts import FEWEST, hidden, shown_total
from services.portal.statistics.naming import name_of, ordered
from services.portal.statistics.tally import Cell, Cells, Tally, total
from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page

LICENCE: Final = (
    "Free to use, changed or unchanged: name the Cleaner Production Partnership Programme as the "
    "source, and as of when the data are."
)
_PAGES = [Page(each, "") for each in LANGUAGES]
Names = Annotated[
    Mapping[str, str], Field(description="What it is called, by language: `en`, `tc`, `sc`.")
]
Amount = Annotated[
    int | None, Field(description="Sum of the grants in Hong Kong cents; null if it is not shown.")
]


class Numbers(BaseModel):
    """Applications by what became of them."""

    applications: int
    approved: int
    refused: int
    in_progress: int
    withdrawn: int
    amount_cents: Amount


class Row(Numbers):
    """A row of a table."""

    code: str
    names: Names


class StatisticsData(BaseModel):
    """The statistics of all applications, as of a moment.

    `category` counts applications for a label, which have no amounts; the other tables count
    applications for funding.
    """

    as_of: Annotated[
        datetime | None,
        Field(description="Until when all that happened is counted; null while that is not known."),
    ]
    fewest_approvals: Annotated[
        int, Field(description="Amounts of fewer approvals, but for none, are not shown.")
    ] = FEWEST
    total: Numbers
    tables: Mapping[str, Sequence[Row]]
    licence: Annotated[str, Field(description="On what terms the data may be used.")] = LICENCE


def as_data(tally: Tally, as_of: datetime | None) -> StatisticsData:
    """Return all tables."""
    cells = list(tally.tables["stream"].values())
    whole = Numbers(**_numbers(total(cells)), amount_cents=shown_total(cells))
    tables = {name: rows_of(name, cells) for name, cells in tally.tables.items()}
    return StatisticsData(as_of=as_of, total=whole, tables=tables)


def rows_of(table: str, cells: Cells) -> Sequence[Row]:
    """Return the rows of a table, without the amounts that cannot be shown."""
    kept = hidden(cells)
    return [
        Row(
            **_numbers(cell),
            code=code,
            names={each.language.code: name_of(table, code, each) for each in _PAGES},
            amount_cents=None if code in kept else cell.cents,
        )
        for code, cell in ordered(table, cells)
    ]


def as_csv(table: str, cells: Cells) -> str:
    """Return a table as CSV (RFC 4180); amounts that cannot be shown are empty."""
    names = [f"name_{each.code}" for each in LANGUAGES]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", *names, *Numbers.model_fields, "licence"])
    for row in rows_of(table, cells):
        numbers = [getattr(row, each) for each in Numbers.model_fields]
        writer.writerow([row.code, *row.names.values(), *numbers, LICENCE])
    return text.getvalue()


def _numbers(cell: Cell) -> dict[str, int]:
    return {
        "applications": cell.applications,
        "approved": cell.approved,
        "refused": cell.refused,
        "in_progress": cell.in_progress,
        "withdrawn": cell.withdrawn,
    }
