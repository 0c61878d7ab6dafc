"""The headers of every answer, whoever made it: security, and how long it may be kept."""

from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=0, must-revalidate",
}
_ONLY_TLS: Final = "max-age=31536000"
_PASSING: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


class SecurityHeaders:
    """ASGI middleware; what an answer states itself is kept, as the policy of `/docs`.

    Answers over TLS, also if a trusted proxy ends it, ask for TLS from then on.
    """

    def __init__(self, app: ASGIApp, *, always_tls: bool) -> None:
        self._app, self._always_tls = app, always_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_tls = self._always_tls or scope["scheme"] == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(message, is_tls=is_tls)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _complete(start: Message, *, is_tls: bool) -> None:
    headers = MutableHeaders(scope=start)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if "Accept-Encoding" not in headers.get("Vary", ""):  # not said with what has no body
        headers.add_vary_header("Accept-Encoding")
    if "Content-Encoding" in headers and headers.get("ETag", "").startswith('"'):
        headers["ETag"] = f"W/{headers['ETag']}"  # the same page, in other bytes
    if is_tls:
        headers["Strict-Transport-Security"] = _ONLY_TLS
    if start["status"] in _PASSING:
        headers["Cache-Control"] = "no-store"
