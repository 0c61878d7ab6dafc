"""The page `/docs`: Swagger UI from an installed package, so that it works without the internet."""

from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response

from shared.http.problems import Problem

_PACKAGE: Final = "fastapi_offline"
_START: Final = "start.js"
_TYPES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    _START: "text/javascript",
}
# Everything comes from this service; Swagger UI draws its icons from `data:` addresses.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The same description is at <a href="/openapi.json">\
/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# By default Swagger UI has each document checked by a server of its own project.
_START_SCRIPT: Final = b"""SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"""


def documentation_pages(title: str) -> APIRouter:
    """Return the routes of `/docs`, a page for people, and of what it loads."""
    router = APIRouter(include_in_schema=False)
    page = _PAGE.format(title=title)

    @router.get("/docs")
    async def docs() -> Response:
        return Response(page, headers=_HEADERS, media_type="text/html")

    @router.get("/docs/{asset}")
    async def docs_asset(asset: str) -> Response:
        if asset not in _TYPES:
            raise Problem(
                HTTPStatus.NOT_FOUND, "not-found", "There is no such file. Open /docs instead."
            )
        return Response(_content(asset), headers=_HEADERS, media_type=_TYPES[asset])

    return router


@cache
def _content(asset: str) -> bytes:
    if asset == _START:
        return _START_SCRIPT
    return (files(_PACKAGE) / "static" / asset).read_bytes()
