"""The problems of bulk requests and of their lines."""

from http import HTTPStatus
from typing import Final

from shared.http.problems import RETRY_AFTER_SECONDS, Problem

_COMPLAINT_CHARACTERS_AT_MOST: Final = 200


def bulk_not_allowed() -> Problem:
    """Return the problem for a client without the right `bulk`."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "bulk-not-allowed",
        "Send the applications one by one to /v1/applications, or use an API key with the right "
        "`bulk`. The operator of this service gives it: "
        "`python -m services.intake.keys grant ID --right bulk`.",
    )


def not_lines() -> Problem:
    """Return the problem for a body that is not declared to be lines of JSON."""
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Send one JSON object on each line, in UTF-8, with Content-Type: application/x-ndjson and "
        "without Content-Encoding.",
        headers={"Accept": "application/x-ndjson"},
    )


def blank_line() -> Problem:
    """Return the problem for a line with nothing on it."""
    return Problem(HTTPStatus.BAD_REQUEST, "blank-line", "This line is empty. Leave it out.")


def line_too_long(limit_bytes: int) -> Problem:
    """Return the problem for a line over the limit."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "line-too-long",
        f"The line is longer than {limit_bytes} bytes. Put one application on each line, and end "
        "each line with a line feed.",
        more={"limit_bytes": limit_bytes},
    )


def malformed_line(complaint: str) -> Problem:
    """Return the problem for a line that is not an object with a key and a submission."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-line",
        f"{complaint[:_COMPLAINT_CHARACTERS_AT_MOST]}. A line must be one JSON object in UTF-8: "
        '{"idempotency_key": "<yours>", "submission": {...}}.',
    )


def not_ndjson(what: str) -> Problem:
    """Return the problem for the first line of a body that does not consist of lines of JSON."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "not-ndjson",
        f"The body is {what}. Must be NDJSON in UTF-8, not compressed, with one application on "
        "each line. Nothing was done with the rest of the body.",
    )


def line_not_certain() -> Problem:
    """Return the problem for a line that may or may not have been stored."""
    return _not_now("This application may or may not have been stored.")


def line_not_tried() -> Problem:
    """Return the problem for a line after one that could not be stored."""
    return _not_now("This line was not processed: nothing can be stored at the moment.")


def _not_now(what: str) -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily-unavailable",
        f"{what} Send the line again with the same key and bytes after retry_after seconds: it is "
        "accepted only once.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
