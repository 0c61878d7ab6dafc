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
        "Send the header Idempotency-Key once, with a value of your own for each application, such "
        "as a UUID: with it a request can be repeated and is still accepted once.",
    )


def key_invalid() -> Problem:
    """Return the problem for a key that is too long or has other characters."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "idempotency-key-invalid",
        "Idempotency-Key has to be 1 to 255 visible ASCII characters, such as a UUID.",
    )


def key_reused() -> Problem:
    """Return the problem for a known key with another body."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key was used with another body. Send a new application with a new key, "
        "or the same bytes as before to repeat the earlier request.",
    )


def key_in_progress() -> Problem:
    """Return the problem for a repeat while the first request is still in flight."""
    return Problem(
        HTTPStatus.CONFLICT,
        "idempotency-key-in-progress",
        "A request with this Idempotency-Key is being handled at this moment. Send the same "
        "request again after the time in Retry-After: it gets the answer of the first one.",
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
        f"The body is larger than {limit_bytes} bytes, the most that one application may have.",
        more={"limit_bytes": limit_bytes},
    )


def body_cut_off() -> Problem:
    """Return the problem for a client that disconnected; it is counted though nobody reads it."""
    return Problem(
        HTTPStatus.BAD_REQUEST, "body-cut-off", "The body ended too early. Send the request again."
    )


def malformed_json(complaint: str) -> Problem:
    """Return the problem for a body that is not JSON; `complaint` ends in its line and column."""
    place = re.search(r"line (\d+) column (\d+)$", complaint)
    more: Mapping[str, int] = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return Problem(
        HTTPStatus.BAD_REQUEST, "malformed-json", f"The body is not JSON: {complaint}.", more=more
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
        [FieldError("/received_at", "Only for API keys with the right `backdate`.")],
    )


def api_key_needed() -> Problem:
    """Return the problem for an anonymous request where a key is required."""
    return _unauthenticated(
        "This service takes applications from known systems only. Send `Authorization: Bearer` "
        "with an API key; its operator gives them out."
    )


def api_key_refused() -> Problem:
    """Return the problem for an invalid key, without the reason."""
    return _unauthenticated(
        "The API key is misspelt, unknown or revoked. Send `Authorization: Bearer` with a key that "
        "the operator of this service gave you."
    )


def _unauthenticated(detail: str) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="cppp"'},
    )


def unknown_application() -> Problem:
    """Return the problem for an unknown application id."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-application",
        "No application has this id. Check it against the answer that the application got.",
    )


def not_accepted_now() -> Problem:
    """Return the problem while the database is down; the write may or may not have succeeded."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily-unavailable",
        "It is not certain that the application is kept. Send the same request with the same "
        "Idempotency-Key after the time in Retry-After: it is accepted once, however often it is "
        "sent.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def too_many_requests(limit_per_minute: int, wait_seconds: int) -> Problem:
    """Return the problem for a client over its rate limit."""
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        f"You have sent more than {limit_per_minute} requests in a minute. Nothing was done: send "
        "the same request again after the time in Retry-After, and then no faster than that. "
        "Systems with many applications send them to /v1/applications:batch.",
        more={"limit_per_minute": limit_per_minute},
        headers={"Retry-After": str(wait_seconds)},
    )


def if_match_invalid() -> Problem:
    """Return the problem for an `If-Match` that is no list of entity tags."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "if-match-invalid",
        'If-Match has to be the ETag of an earlier answer, such as "1" with its quotation marks.',
    )


def version_changed(version: int) -> Problem:
    """Return the problem for a change of a version that is not the current one."""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-changed",
        f"The current version is {version}, not the one in If-Match. Look at what has changed, "
        "then send the change again with a new Idempotency-Key and the current version.",
        more={"version": version},
        headers={"ETag": f'"{version}"'},
    )


def withdrawn_already() -> Problem:
    """Return the problem for a change of a withdrawn application."""
    return Problem(
        HTTPStatus.CONFLICT,
        "application-withdrawn",
        "The application was withdrawn, and cannot be changed any more. Submit a new one instead.",
    )


def not_yours() -> Problem:
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
        HTTPStatus.BAD_REQUEST, "body-not-wanted", "A withdrawal has no body. Send it without."
    )
