"""The description of what the framework does not see: the raw body, and every problem."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from services.intake.examples import EXAMPLES
from services.intake.submission import SUBMISSION
from shared.problems import MEDIA_TYPE

_REFERENCES: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {
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
_RECEIPT: Final = {
    "type": "object",
    "required": ["application_id", "version", "received_at", "status"],
    "properties": {
        "application_id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer"},
        "received_at": {"type": "string", "format": "date-time"},
        "status": {"type": "string", "enum": ["accepted"]},
    },
}

Answers = dict[int | str, dict[str, Any]]


def _problem(description: str, *headers: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCES.format(model="Problem")}
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schema}},
        "headers": {name: {"schema": {"type": "string"}} for name in headers},
    }


SUBMIT_ANSWERS: Final[Answers] = {
    HTTPStatus.ACCEPTED: {
        "description": "Kept durably.",
        "content": {"application/json": {"schema": _RECEIPT}},
        "headers": {
            "Location": {
                "description": "Where to ask for its status.",
                "schema": {"type": "string"},
            }
        },
    },
    HTTPStatus.BAD_REQUEST: _problem("No usable Idempotency-Key, or the body is not JSON."),
    HTTPStatus.UNAUTHORIZED: _problem("The API key is not valid.", "WWW-Authenticate"),
    HTTPStatus.FORBIDDEN: _problem("`received_at` without the right `backdate`."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _problem("The body is over the limit."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _problem("The body is not declared to be JSON."),
    HTTPStatus.UNPROCESSABLE_ENTITY: _problem(
        "Fields break their rules, or the key was used with another body."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _problem(
        "Not accepted yet; send the same request again.", "Retry-After"
    ),
}
STATUS_ANSWERS: Final[Answers] = {
    HTTPStatus.NOT_FOUND: _problem("No application has this id."),
    HTTPStatus.UNPROCESSABLE_ENTITY: _problem("The id is not a UUID in lower case."),
    HTTPStatus.SERVICE_UNAVAILABLE: _problem("Ask again later.", "Retry-After"),
}
SUBMIT_REQUEST: Final = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Your own name for this application; a repeat is accepted once.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        },
        {
            "name": "traceparent",
            "in": "header",
            "description": "W3C Trace Context; the events carry it on.",
            "schema": {"type": "string"},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": _REFERENCES.format(model="Submission")},
                "examples": {name: {"value": each} for name, each in EXAMPLES.items()},
            }
        },
    },
    "security": [{}, {"ApiKey": []}],
}


def describe_submissions(app: FastAPI) -> None:
    """Put what the routes refer to into the application's OpenAPI document."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(_schemas())
        components["securitySchemes"] = {
            "ApiKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "`cppp_<id>_<secret>`, from the operator of the service.",
            }
        }
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _schemas() -> dict[str, Any]:
    submission = SUBMISSION.json_schema(ref_template=_REFERENCES)
    definitions: dict[str, Any] = submission.pop("$defs")
    return {**definitions, "Submission": submission, "Problem": _PROBLEM}
