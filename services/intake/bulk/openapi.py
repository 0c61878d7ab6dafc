"""The OpenAPI description of the bulk route."""

import json
from http import HTTPStatus
from typing import Any, Final

from services.intake.submission.examples import EXAMPLES
from services.intake.submission.openapi import (
    REFERENCE,
    SUBMIT_RESPONSES,
)
from shared.http.openapi import Responses, problem_response

_LINE: Final[dict[str, Any]] = {
    "type": "object",
    "description": (
        "One line, ended by its only line feed. The value of `submission` is the body of a single "
        "submission."
    ),
    "required": ["idempotency_key", "submission"],
    "additionalProperties": False,
    "properties": {
        "idempotency_key": {
            "type": "string",
            "pattern": "^[!-~]{1,255}$",
            "description": (
                "Unique to this application, as the header Idempotency-Key of a single submission, "
                "and valid as long: while the application is stored."
            ),
        },
        "submission": {"$ref": "#/components/schemas/Submission"},
    },
}
_RESULT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The result of one line: the receipt or the problem of a single submission.",
    "required": ["line", "idempotency_key", "status"],
    "properties": {
        "line": {"type": "integer", "description": "The line's number, from 1."},
        "idempotency_key": {
            "type": ["string", "null"],
            "description": "The line's key, or null if the line has none.",
        },
        "status": {
            "type": "integer",
            "description": "The HTTP status that a single submission would get.",
        },
        "application_id": {"type": "string", "format": "uuid"},
        "reference": REFERENCE,
        "version": {"type": "integer"},
        "received_at": {"type": "string", "format": "date-time"},
        "problem": {"$ref": "#/components/schemas/Problem"},
        "retry_after": {
            "type": "integer",
            "description": "Seconds after which to send the line again (409 and 503).",
        },
    },
}
_LINES_EXAMPLE: Final = "".join(
    json.dumps({"idempotency_key": f"migration-2026-{n}", "submission": each}) + "\n"
    for n, each in enumerate(list(EXAMPLES.values())[:2], 1)
)
_RESULTS_EXAMPLE: Final = (
    '{"line":1,"idempotency_key":"migration-2026-1","status":202,'
    '"application_id":"383dd6c4-d698-8d4c-899f-4659b671ad9c",'
    '"reference":"70YX-DH6P-K3AV","version":1,'
    '"received_at":"2026-11-02T01:30:00Z"}\n'
    '{"line":2,"idempotency_key":null,"status":400,"problem":{'
    '"type":"urn:cppp:problem:blank-line","title":"Blank line","status":400,'
    '"detail":"This line is empty. Leave it out."}}\n'
)


def _lines(schema: dict[str, Any], example: str) -> dict[str, Any]:
    return {"application/x-ndjson": {"schema": schema, "example": example}}


BULK_RESPONSES: Final[Responses] = {
    HTTPStatus.OK: {
        "description": "A result for each line, in order, sent as the lines are stored.",
        "content": _lines(_RESULT, _RESULTS_EXAMPLE),
    },
    HTTPStatus.UNAUTHORIZED: SUBMIT_RESPONSES[HTTPStatus.UNAUTHORIZED],
    HTTPStatus.FORBIDDEN: problem_response("No API key with the right `bulk`."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: problem_response("The body is not declared to be NDJSON."),
    HTTPStatus.TOO_MANY_REQUESTS: SUBMIT_RESPONSES[HTTPStatus.TOO_MANY_REQUESTS],
    HTTPStatus.SERVICE_UNAVAILABLE: problem_response(
        "The API key cannot be checked at the moment; send the same request again.", "Retry-After"
    ),
}
BULK_REQUEST: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": _lines(_LINE, _LINES_EXAMPLE)},
    "security": [{"ApiKey": []}],
    "parameters": [
        {
            "name": "traceparent",
            "in": "header",
            "description": "W3C Trace Context; passed on to the events of all lines.",
            "schema": {"type": "string"},
        }
    ],
}
