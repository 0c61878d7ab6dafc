"""The problems of this service: what is wrong, and what to do."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from services.intake.rules import Breach
from shared.files.form import Form
from shared.http.problems import RETRY_AFTER_SECONDS, FieldError, Problem

_IN_PROGRESS_SECONDS: Final = 1


def key_missing() -> Problem:
    """Return the problem for a request without an idempotency key."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "idempotency-key-missing",
        "Send exactly one Idempotency-Key header, with a value unique to this application such as "
        "a UUID. A request repeated with the same key is accepted only once.",
    )


def key_invalid() -> Problem:
    """Return the problem for a key that is too long or has other characters."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "idempotency-key-invalid",
        "Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID.",
    )


def key_reused() -> Problem:
    """Return the problem for a known key with another body."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key was already used with a different body. Use a new key for a new "
        "application, or send exactly the same bytes to repeat the earlier request.",
    )


def key_in_progress() -> Problem:
    """Return the problem for a repeat while the first request is still in flight."""
    return Problem(
        HTTPStatus.CONFLICT,
        "idempotency-key-in-progress",
        "A request with this Idempotency-Key is still being processed. Send the same request again "
        "after the time in Retry-After to get its response.",
        headers={"Retry-After": str(_IN_PROGRESS_SECONDS)},
    )


def unsupported_media_type() -> Problem:
    """Return the problem for a body that is not declared to be plain JSON."""
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Send the application as JSON in UTF-8, with Content-Type: application/json and without "
        "Content-Encoding.",
        headers={"Accept": "application/json"},
    )


def body_too_large(limit_bytes: int) -> Problem:
    """Return the problem for a body over the limit."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        f"The body is larger than {limit_bytes} bytes, the limit for one application. Shorten it.",
        more={"limit_bytes": limit_bytes},
    )


def body_cut_off() -> Problem:
    """Return the problem for a client that disconnected; it is counted though nobody reads it."""
    return Problem(
        HTTPStatus.BAD_REQUEST, "body-cut-off", "The body is incomplete. Send the request again."
    )


def malformed_json(complaint: str) -> Problem:
    """Return the problem for a body that is not JSON; `complaint` ends in its line and column."""
    place = re.search(r"line (\d+) column (\d+)$", complaint)
    more: Mapping[str, int] = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-json",
        f"The body is not valid JSON: {complaint}. Correct it and send it again.",
        more=more,
    )


def not_utf8(form: Form) -> Problem:
    """Return the problem for a body in another form than UTF-8."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-json",
        f"The body is {form.name}. Must be JSON in UTF-8, not compressed.",
    )


def invalid_fields(errors: Sequence[FieldError]) -> Problem:
    """Return the problem for fields that break their rules."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-application",
        "Correct the fields named in `errors` and send the application again.",
        errors,
    )


def contradictions(found: Sequence[Breach]) -> Problem:
    """Return the problem for fields that are valid alone but not together."""
    return invalid_fields([FieldError(each.pointer, each.rule) for each in found])


def may_not_backdate() -> Problem:
    """Return the problem for a `received_at` from a client without the right to set it."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "backdate-not-allowed",
        "Leave out received_at, or use an API key with the right `backdate`.",
        [FieldError("/received_at", "Only API keys with the right `backdate` may set this field.")],
    )


def api_key_needed() -> Problem:
    """Return the problem for an anonymous request where a key is required."""
    return _unauthenticated(
        "This service requires an API key. Send it as `Authorization: Bearer <key>`; the operator "
        "of this service issues keys."
    )


def api_key_refused() -> Problem:
    """Return the problem for an invalid key, without the reason."""
    return _unauthenticated(
        "The API key is malformed, unknown or revoked. Send `Authorization: Bearer <key>` with a "
        "valid key; the operator of this service issues keys."
    )


def _unauthenticated(detail: str) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="cppp"'},
    )


def api_key_needed_for_lookup() -> Problem:
    """Return the problem for an anonymous look-up by reference."""
    return _unauthenticated(
        "A reference opens nothing by itself. Send `Authorization: Bearer` with the API key that "
        "the application was submitted with, or ask by its application_id."
    )


def reference_invalid() -> Problem:
    """Return the problem for a text that is no reference."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-parameter",
        "Correct the parameters.",
        [
            FieldError(
                "/query/reference",
                "Must be a reference such as AT1Z-J9WQ-AAZQ: 12 characters, of which the last one "
                "checks the others. One of them is mistyped.",
            )
        ],
    )


def unknown_application() -> Problem:
    """Return the problem for an unknown application id."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-application",
        "No application has this id. Compare it with application_id in the response to the "
        "submission.",
    )


def not_accepted_now() -> Problem:
    """Return the problem while the database is down; the write may or may not have succeeded."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily-unavailable",
        "The request may or may not have been stored. Send the same request with the same "
        "Idempotency-Key again after the time in Retry-After: it is accepted only once.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def too_many_requests(limit_per_minute: int, wait_seconds: int) -> Problem:
    """Return the problem for a client over its rate limit."""
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        f"The limit of {limit_per_minute} requests per minute is exceeded; this request was not "
        "processed. Send it again after the time in Retry-After, and send fewer requests per "
        "minute. To submit many applications, use /v1/applications:batch.",
        more={"limit_per_minute": limit_per_minute},
        headers={"Retry-After": str(wait_seconds)},
    )


def if_match_invalid() -> Problem:
    """Return the problem for an `If-Match` that is no list of entity tags."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "if-match-invalid",
        'If-Match must be the ETag of an earlier response, such as "1" with its quotation marks.',
    )


def version_changed(version: int) -> Problem:
    """Return the problem for a change of a version that is not the current one."""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-changed",
        f"The current version is {version}, not the one in If-Match. Check what has changed, then "
        "send the change with a new Idempotency-Key and the current version in If-Match.",
        more={"version": version},
        headers={"ETag": f'"{version}"'},
    )


def withdrawn_already() -> Problem:
    """Return the problem for a change of a withdrawn application."""
    return Problem(
        HTTPStatus.CONFLICT,
        "application-withdrawn",
        "The application was withdrawn and cannot be changed. Submit a new application instead.",
    )


def other_client() -> Problem:
    """Return the problem for a change of another client's application."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "other-client",
        "Only the client that submitted an application may change it. Use the API key that it was "
        "submitted with.",
    )


def body_not_wanted() -> Problem:
    """Return the problem for a withdrawal that has a body."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "body-not-wanted",
        "A withdrawal must not have a body. Send it without one.",
    )
