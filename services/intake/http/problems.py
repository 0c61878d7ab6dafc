"""The problems of this service: what is wrong, and what to do."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from shared.events.between_fields import Breach
from shared.http.body_reader import invalid_fields
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
