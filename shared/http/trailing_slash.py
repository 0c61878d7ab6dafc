"""A path with a slash at its end is answered as the path without it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """ASGI middleware that removes slashes from the end of a path.

    The framework would redirect instead, to an absolute URL made of whatever host and scheme the
    request seems to have: behind a TLS proxy that sends a body and its API key again in the clear.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self._app(scope, receive, send)
