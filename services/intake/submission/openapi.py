"""The OpenAPI description of what the framework does not see: raw bodies and problems."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from services.intake.submission.body import SUBMISSION
from services.intake.submission.examples import EXAMPLES
from shared.http.openapi import PROBLEM
from shared.http.problems import MEDIA_TYPE

ETAG: Final = {
    "description": "The version, for `If-Match` of a change.",
    "schema": {"type": "string", "example": '"1"'},
}
_REFERENCES: Final = "#/components/schemas/{model}"
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


def problem_answer(description: str, *headers: str) -> dict[str, Any]:
    """Return the description of a problem response with these headers."""
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
            },
            "ETag": ETAG,
        },
    },
    HTTPStatus.BAD_REQUEST: problem_answer("No usable Idempotency-Key, or the body is not JSON."),
    HTTPStatus.UNAUTHORIZED: problem_answer("The API key is not valid.", "WWW-Authenticate"),
    HTTPStatus.FORBIDDEN: problem_answer("`received_at` without the right `backdate`."),
    HTTPStatus.CONFLICT: problem_answer(
        "A request with this key is being handled; send it again.", "Retry-After"
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: problem_answer("The body is over the limit."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: problem_answer("The body is not declared to be JSON."),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_answer(
        "Fields break their rules, or the key was used with another body."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: problem_answer(
        "More than this API key, or this address, may send in a minute.", "Retry-After"
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: problem_answer(
        "Not accepted yet; send the same request again.", "Retry-After"
    ),
}
STATUS_ANSWERS: Final[Answers] = {
    HTTPStatus.NOT_FOUND: problem_answer("No application has this id."),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_answer("The id is not a UUID."),
    HTTPStatus.SERVICE_UNAVAILABLE: problem_answer("Ask again later.", "Retry-After"),
}
PARAMETERS: Final = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": (
            "Your own name for this application. For as long as the application is kept, across "
            "restarts and instances, a repeat with the same bytes gets the same answer, and one "
            "with other bytes 422; while the first request is being handled, 409."
        ),
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    {
        "name": "traceparent",
        "in": "header",
        "description": "W3C Trace Context; the events carry it on.",
        "schema": {"type": "string"},
    },
]
SUBMISSION_BODY: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": _REFERENCES.format(model="Submission")},
            "examples": {name: {"value": each} for name, each in EXAMPLES.items()},
        }
    },
}
SECURITY: Final[list[dict[str, list[str]]]] = [{}, {"ApiKey": []}]
SUBMIT_REQUEST: Final = {
    "parameters": PARAMETERS,
    "requestBody": SUBMISSION_BODY,
    "security": SECURITY,
}


def describe_submissions(app: FastAPI) -> None:
    """Add the schemas that the routes refer to to the application's OpenAPI document."""
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
    return {**definitions, "Submission": submission, "Problem": PROBLEM}
