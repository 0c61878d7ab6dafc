"""Errors as pages in the reader's language; programs get problem documents."""

from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import WebSocketRequestValidationError
from starlette.datastructures import Headers
from starlette.types import Scope

from services.portal.web.languages import LANGUAGES, SiteLanguage, preferred
from services.portal.web.templating import message
from shared.http.problems import MEDIA_TYPE

_OF_PROGRAMS: Final = ("/v1/", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json")
_BY_CODE: Final = {each.code: each for each in LANGUAGES}
_WORDS: Final = {
    HTTPStatus.NOT_FOUND: "site.not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "errors.method",
    HTTPStatus.REQUEST_URI_TOO_LONG: "errors.too-long",
    HTTPStatus.TOO_MANY_REQUESTS: "errors.too-many",
    HTTPStatus.INTERNAL_SERVER_ERROR: "errors.defect",
    HTTPStatus.SERVICE_UNAVAILABLE: "errors.unavailable",
}
_KEPT: Final = ("allow", "retry-after")


def add_error_pages(app: FastAPI) -> None:
    """Let every error that has a problem document be a page for who reads pages."""
    for kind, handler in list(app.exception_handlers.items()):
        if kind is not WebSocketRequestValidationError:
            app.add_exception_handler(kind, _as_page(handler))


def answer(scope: Scope, problem: Response) -> Response:
    """Return the answer for an error: the problem document, or a page that says the same."""
    path: str = scope["path"]
    if path.startswith(_OF_PROGRAMS) or problem.headers.get("content-type") != MEDIA_TYPE:
        return problem
    status = HTTPStatus(problem.status_code)
    page = message(
        language_of(scope),
        status,
        _WORDS.get(status, "errors.request"),
        reference=_reference(problem) if status == HTTPStatus.INTERNAL_SERVER_ERROR else "",
    )
    page.headers.update({each: problem.headers[each] for each in _KEPT if each in problem.headers})
    page.headers["Vary"] = "Accept-Language"
    return page


def language_of(scope: Scope) -> SiteLanguage:
    """Return the language of an address; of one that has none, that of the reader's browser."""
    code = str(scope["path"]).split("/")[1:2]
    if code and code[0] in _BY_CODE:
        return _BY_CODE[code[0]]
    return preferred(Headers(scope=scope).get("accept-language", ""))


def _as_page(handler: Any) -> Any:
    async def handle(request: Request, error: Exception) -> Response:
        response: Response = await handler(request, error)
        return answer(request.scope, response)

    return handle


def _reference(problem: Response) -> str:
    document: dict[str, Any] = orjson.loads(problem.body)
    return str(document.get("correlation_id", ""))
