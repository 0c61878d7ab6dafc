"""Open data over HTTP: the statistics as JSON and CSV."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response

from services.portal.api.answers import CSV, OPEN, csv_file
from services.portal.pages.statistics import statistics_of
from services.portal.statistics.open_data import StatisticsData, as_csv, as_data
from services.portal.statistics.tally import Tally
from shared.errors import TransientError

TableName = Literal["phase", "stream", "industry", "place", "month", "category"]
router = APIRouter(prefix="/v1", tags=["open data"])


@router.get("/statistics")
async def statistics(request: Request, response: Response) -> StatisticsData:
    """Return all tables: applications, approvals and amounts."""
    response.headers.update(OPEN)
    return as_data(*_counted(request))


@router.get("/statistics/{table}.csv", response_class=Response, responses=CSV)
async def statistics_table(
    request: Request, table: Annotated[TableName, Path(description="Which table.")]
) -> Response:
    """Return a table as CSV, with the names of its rows in each language."""
    tally, _ = _counted(request)
    return csv_file(as_csv(table, tally.tables[table]), f"statistics-{table}")


def _counted(request: Request) -> tuple[Tally, datetime | None]:
    """Return the numbers, and as of when they are; raises `TransientError` before the first."""
    found = statistics_of(request)
    if found.as_of is None:
        raise TransientError
    return found.tally, found.read_until
