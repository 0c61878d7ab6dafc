"""The OpenAPI description of what the framework does not see: raw bodies and problems."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from services.intake.submission.body import SUBMISSION
from services.intake.submission.examples import EXAMPLES
from shared.http.openapi import PROBLEM, Responses, problem_response

ETAG: Final = {
    "description": "The version, for `If-Match` of a change.",
    "schema": {"type": "string", "example": '"1"'},
}
_REFERENCES: Final = "#/components/schemas/{model}"
REFERENCE: Final = {
    "type": "string",
    "description": "What people call the application. It is always derived from its id.",
    "example": "70YX-DH6P-K3AV",
}
_RECEIPT: Final = {
    "type": "object",
    "required": ["application_id", "reference", "version", "received_at", "status"],
    "properties": {
        "application_id": {"type": "string", "format": "uuid"},
        "reference": REFERENCE,
        "version": {"type": "integer"},
        "received_at": {"type": "string", "format": "date-time"},
        "status": {"type": "string", "enum": ["accepted"]},
    },
}

SUBMIT_RESPONSES: Final[Responses] = {
    HTTPStatus.ACCEPTED: {
        "description": "Stored durably.",
        "content": {"application/json": {"schema": _RECEIPT}},
        "headers": {
            "Location": {
                "description": "The URL of its status.",
                "schema": {"type": "string"},
            },
            "ETag": ETAG,
        },
    },
    HTTPStatus.BAD_REQUEST: problem_response("No usable Idempotency-Key, or the body is not JSON."),
    HTTPStatus.UNAUTHORIZED: problem_response("The API key is not valid.", "WWW-Authenticate"),
    HTTPStatus.FORBIDDEN: problem_response("`received_at` without the right `backdate`."),
    HTTPStatus.CONFLICT: problem_response(
        "A request with this key is still being processed; send it again.", "Retry-After"
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: problem_response("The body is over the limit."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: problem_response("The body is not declared to be JSON."),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response(
        "Fields are invalid, or the key was already used with a different body."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: problem_response(
        "The rate limit of this API key or address is exceeded.", "Retry-After"
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: problem_response(
        "Not accepted yet; send the same request again.", "Retry-After"
    ),
}
STATUS_RESPONSES: Final[Responses] = {
    HTTPStatus.NOT_FOUND: problem_response("No application has this id."),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response("The id is not a UUID."),
    HTTPStatus.SERVICE_UNAVAILABLE: problem_response(
        "Temporarily unavailable; try again later.", "Retry-After"
    ),
}
LOOKUP_RESPONSES: Final[Responses] = {
    HTTPStatus.UNAUTHORIZED: SUBMIT_RESPONSES[HTTPStatus.UNAUTHORIZED],
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response("This is no reference."),
    HTTPStatus.TOO_MANY_REQUESTS: SUBMIT_RESPONSES[HTTPStatus.TOO_MANY_REQUESTS],
    HTTPStatus.SERVICE_UNAVAILABLE: STATUS_RESPONSES[HTTPStatus.SERVICE_UNAVAILABLE],
}
PARAMETERS: Final = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": (
            "Unique to this application, such as a UUID. While the application is stored, across "
            "restarts and instances, a repeat with the same bytes gets the same response and one "
            "with other bytes 422; while the first request is still being processed, 409."
        ),
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    {
        "name": "traceparent",
        "in": "header",
        "description": "W3C Trace Context; passed on to the events.",
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
