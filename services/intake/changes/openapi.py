"""The OpenAPI description of the routes that change an application."""

from http import HTTPStatus
from typing import Any, Final

from services.intake.submission.openapi import (
    ETAG,
    PARAMETERS,
    REFERENCE,
    SECURITY,
    SUBMISSION_BODY,
    SUBMIT_RESPONSES,
)
from shared.http.openapi import Responses, problem_response

_AMENDED: Final = {
    "application_id": "383dd6c4-d698-8d4c-899f-4659b671ad9c",
    "reference": REFERENCE["example"],
    "version": 2,
    "received_at": "2026-11-02T01:30:00Z",
    "status": "accepted",
}
_WITHDRAWN: Final = {
    **_AMENDED,
    "version": 3,
    "withdrawn_at": "2026-11-05T03:00:00Z",
    "status": "withdrawn",
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` of the version to change; the request fails if it is not current.",
    "schema": {"type": "string", "example": '"1"'},
}


def _accepted(example: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "application_id": {"type": "string", "format": "uuid"},
        "reference": REFERENCE,
        "version": {"type": "integer"},
        "received_at": {"type": "string", "format": "date-time"},
        "withdrawn_at": {"type": "string", "format": "date-time"},
        "status": {"type": "string", "enum": [example["status"]]},
    }
    schema = {
        "type": "object",
        "required": list(example),
        "properties": {name: properties[name] for name in example},
    }
    return {
        "description": "Stored durably.",
        "content": {"application/json": {"schema": schema, "example": example}},
        "headers": {"Location": {"schema": {"type": "string"}}, "ETag": ETAG},
    }


_PROBLEMS: Final[Responses] = {
    HTTPStatus.BAD_REQUEST: problem_response(
        "Idempotency-Key or If-Match is not valid, or the body is not JSON or not allowed."
    ),
    HTTPStatus.UNAUTHORIZED: SUBMIT_RESPONSES[HTTPStatus.UNAUTHORIZED],
    HTTPStatus.FORBIDDEN: problem_response("Another client submitted the application."),
    HTTPStatus.NOT_FOUND: problem_response("No application has this id."),
    HTTPStatus.CONFLICT: problem_response(
        "The application was withdrawn, or a request with this key is still being processed; in "
        "that case send it again.",
        "Retry-After",
    ),
    HTTPStatus.PRECONDITION_FAILED: problem_response(
        "If-Match is not the current version.", "ETag"
    ),
    HTTPStatus.TOO_MANY_REQUESTS: SUBMIT_RESPONSES[HTTPStatus.TOO_MANY_REQUESTS],
    HTTPStatus.SERVICE_UNAVAILABLE: SUBMIT_RESPONSES[HTTPStatus.SERVICE_UNAVAILABLE],
}
AMEND_RESPONSES: Final[Responses] = {
    **_PROBLEMS,
    HTTPStatus.ACCEPTED: _accepted(_AMENDED),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: SUBMIT_RESPONSES[HTTPStatus.REQUEST_ENTITY_TOO_LARGE],
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: SUBMIT_RESPONSES[HTTPStatus.UNSUPPORTED_MEDIA_TYPE],
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response(
        "Fields are invalid, the stream differs, the id is not a UUID, or the key was already used "
        "with a different body."
    ),
}
WITHDRAW_RESPONSES: Final[Responses] = {
    **_PROBLEMS,
    HTTPStatus.ACCEPTED: _accepted(_WITHDRAWN),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response(
        "The id is not a UUID, or the key was already used for an amendment."
    ),
}
AMEND_REQUEST: Final = {
    "parameters": [*PARAMETERS, _IF_MATCH],
    "requestBody": SUBMISSION_BODY,
    "security": SECURITY,
}
WITHDRAW_REQUEST: Final = {"parameters": [*PARAMETERS, _IF_MATCH], "security": SECURITY}
