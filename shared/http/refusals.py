"""The problems of requests that no application sees: too large, too slow, or no proper HTTP."""

from http import HTTPStatus
from typing import Final

from shared.http.problems import Problem

_CLOSE: Final = {"Connection": "close"}


def head_too_large(limit_bytes: int) -> Problem:
    """Return the problem for a request line and headers over the limit."""
    return Problem(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "request-header-fields-too-large",
        f"The request line and the headers must be at most {limit_bytes} bytes together.",
        more={"limit_bytes": limit_bytes},
        headers=_CLOSE,
    )


def head_too_slow(limit_seconds: float) -> Problem:
    """Return the problem for a request whose headers are not complete in time."""
    return _too_slow(f"The headers must be complete within {limit_seconds:g} seconds.")


def body_too_slow(limit_seconds: float) -> Problem:
    """Return the problem for a request whose body does not arrive."""
    return _too_slow(
        f"No byte of the body arrived for {limit_seconds:g} seconds, so nothing was done."
    )


def _too_slow(what: str) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_TIMEOUT,
        "request-timeout",
        f"{what} Send the same request again on a new connection.",
        headers=_CLOSE,
    )


def malformed_request() -> Problem:
    """Return the problem for bytes that are no HTTP request."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-request",
        "The request must be HTTP/1.1 as RFC 9112 has it. Check its request line, headers and the "
        "framing of its body.",
        headers=_CLOSE,
    )


def host_invalid() -> Problem:
    """Return the problem for a request that does not say which host it is for."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "host-invalid",
        "The request must have one header Host, with the name or address of this service and its "
        "port.",
    )
