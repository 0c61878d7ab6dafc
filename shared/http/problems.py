"""Errors over HTTP as problem documents (RFC 9457): what is wrong, where, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from shared.correlation import correlation_id_of, traceparent_of
from shared.errors import TransientError
from shared.http.ids import PATTERN
from shared.validation import broken_rule

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class FieldError:
    """A wrong field: its JSON pointer into the body, and the rule that it breaks."""

    pointer: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818  # the term of RFC 9457
    """An error response. `kind` identifies the problem for programs and never changes."""

    status: HTTPStatus
    kind: str
    detail: str
    errors: Sequence[FieldError] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the problem document."""
        document = {
            "type": f"urn:cppp:problem:{self.kind}",
            "title": self.kind.replace("-", " ").capitalize(),
            "status": int(self.status),
            "detail": self.detail,
            **self.more,
        }
        if self.errors:
            document["errors"] = self.errors
        return document

    def response(self, scope: Scope | None = None) -> Response:
        """Return the response; with that of a request, it has the id of its log lines."""
        document = self.document()
        if scope is not None:
            document["correlation_id"] = correlation_id_of(traceparent_of(scope))
        content = orjson.dumps(document)
        return Response(content, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def unavailable() -> Problem:
    """Build the response for a dependency that is down: nothing was done, retry."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily-unavailable",
        "The request was not processed. Send it again after the time in Retry-After.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def internal_error() -> Problem:
    """Build the response for a defect."""
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "The service failed; the error was logged. If it persists, report its correlation_id to "
        "the operator.",
    )


def _rule(error: Mapping[str, Any]) -> str:
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == PATTERN:
        return "Must be a UUID, such as 383dd6c4-d698-8d4c-899f-4659b671ad9c."
    return broken_rule(error)


_WHAT_TO_DO = {
    HTTPStatus.NOT_FOUND: "This path does not exist. GET /openapi.json lists all paths.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use a method listed in the header Allow.",
}


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _problem_of(error: HTTPException, request: Request) -> Problem:
    status = HTTPStatus(error.status_code)
    kind = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    return Problem(status, kind, _WHAT_TO_DO.get(status, str(error.detail)), headers=headers)


def _allowed(request: Request) -> Iterator[str]:
    # The framework names only the methods of the first route with this path.
    for method in _METHODS:
        asked = {**request.scope, "method": method}
        if any(route.matches(asked)[0] == Match.FULL for route in request.app.routes):
            yield from ("GET", "HEAD") if method == "GET" else (method,)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every error of the application into a problem document, the framework's included."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return problem.response(request.scope)

    @app.exception_handler(TransientError)
    async def on_outage(request: Request, _error: TransientError) -> Response:
        return unavailable().response(request.scope)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        return _problem_of(error, request).response(request.scope)

    @app.exception_handler(Exception)
    async def on_defect(request: Request, _error: Exception) -> Response:
        return internal_error().response(request.scope)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_parameter(request: Request, error: RequestValidationError) -> Response:
        errors = [
            FieldError("/" + "/".join(str(part) for part in each["loc"]), _rule(each))
            for each in error.errors()
        ]
        return Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameter", "Correct the parameters.", errors
        ).response(request.scope)
