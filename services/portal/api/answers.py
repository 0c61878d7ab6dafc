"""What all answers with open data have in common."""

from http import HTTPStatus
from typing import Final

from fastapi import Response

from shared.http.openapi import Responses

OPEN: Final = {"Access-Control-Allow-Origin": "*"}
"""Pages of any site may read the data."""

CSV: Final[Responses] = {
    HTTPStatus.OK: {"content": {"text/csv": {"schema": {"type": "string"}}}},
}


def csv_file(text: str, name: str) -> Response:
    """Return a file to save; the mark at its beginning tells spreadsheets that it is UTF-8."""
    headers = OPEN | {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)
