"""What every route of a service may answer, added to its OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI

from shared.http.problems import MEDIA_TYPE

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What is wrong, where, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Names the problem for programs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Says what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "detail": {"type": "string", "description": "The rule that is broken."},
                },
            },
        },
    },
}
DESCRIPTION: Final = (
    "Every error is a problem document (RFC 9457). HEAD is answered like GET, without the body. A "
    "path with a slash at its end is the path without it. UUIDs in paths may be in any case. "
    "A request must have one header Host."
)
_OF_EVERY_REQUEST: Final = {
    "400": "The request is not HTTP/1.1, or has not one header Host.",
    "408": "Headers or body took too long; send the same request again.",
    "431": "Request line and headers are over the limit.",
}
Responses = dict[int | str, dict[str, Any]]
"""The responses of a route by status, as FastAPI takes them."""
_NONE: Final[dict[str, Any]] = {"content": {MEDIA_TYPE: {}}}
_ETAG: Final = {
    "description": "Names this representation, for `If-None-Match`.",
    "schema": {"type": "string"},
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the representation that you have: if it is current, 304.",
    "schema": {"type": "string"},
}


def describe_common_responses(app: FastAPI) -> None:
    """Add what middleware and server answer to the application's OpenAPI document."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _describe(path, operation["responses"])
                if method == "get":
                    _describe_representation(operation)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("Problem", PROBLEM)
        for unused in ("HTTPValidationError", "ValidationError"):  # the framework's
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def add_schemas(app: FastAPI, schemas: Mapping[str, Any]) -> None:
    """Add schemas that routes refer to, where the framework does not see them, to the document."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        known = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in schemas.items():
            known.setdefault(name, schema)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _describe(path: str, answers: dict[str, Any]) -> None:
    for status, description in _OF_EVERY_REQUEST.items():
        answers.setdefault(status, problem_response(description))
    if path.startswith("/v1/"):
        answers.setdefault(
            "503", problem_response("Send the same request again after `Retry-After`.")
        )
    if MEDIA_TYPE not in answers.get("422", _NONE)["content"]:  # the framework's own
        answers["422"] = problem_response("Parameters break their rules.")


def _describe_representation(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if "304" in answers:  # the framework keeps the document
        return
    answers["200"].setdefault("headers", {})["ETag"] = _ETAG
    answers["304"] = {
        "description": "The client has the current representation.",
        "headers": {"ETag": _ETAG},
    }
    operation.setdefault("parameters", []).append(_IF_NONE_MATCH)


def problem_response(description: str, *headers: str) -> dict[str, Any]:
    """Return the description of a problem response with these headers, for `responses`."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "headers": {name: {"schema": {"type": "string"}} for name in headers},
    }
