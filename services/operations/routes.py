"""The page for an incident."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from shared.http.html import table_page

_COLUMNS: Final = ("What", "Where")
_ROWS: Final = (("Metrics", "/metrics"), ("Readiness", "/readyz"))

router = APIRouter(tags=["operations"])


@router.get("/", response_class=HTMLResponse)
async def page() -> Response:
    """Show where this service tells what it knows."""
    return table_page("Operations", _COLUMNS, _ROWS)
