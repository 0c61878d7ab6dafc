"""Open data over HTTP: the statistics as JSON and CSV."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response

from services.portal.pages.statistics import statistics_of
from services.portal.statistics.open_data import StatisticsData, as_csv, as_data
from services.portal.statistics.tally import Tally
from shared.errors import TransientError

TableName = Literal["phase", "stream", "industry", "place", "month", "category"]
router = APIRouter(prefix="/v1", tags=["open data"])


@router.get("/statistics")
async def statistics(request: Request) -> StatisticsData:
    """Return all tables: applications, approvals and amounts."""
    return as_data(*_counted(request))


@router.get(
    "/statistics/{table}.csv",
    response_class=Response,
    responses={HTTPStatus.OK: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def statistics_table(
    request: Request, table: Annotated[TableName, Path(description="Which table.")]
) -> Response:
    """Return a table as CSV, with the names of its rows in each language."""
    tally, _ = _counted(request)
    text = as_csv(table, tally.tables[table])
    name = f'attachment; filename="statistics-{table}.csv"'
    # The mark at the beginning tells spreadsheets that the file is UTF-8.
    content = text.encode("utf-8-sig")
    return Response(content, media_type="text/csv", headers={"Content-Disposition": name})


def _counted(request: Request) -> tuple[Tally, datetime | None]:
    """Return the numbers, and as of when they are; raises `TransientError` before the first."""
    found = statistics_of(request)
    if found.as_of is None:
        raise TransientError
    return found.tally, found.read_until
