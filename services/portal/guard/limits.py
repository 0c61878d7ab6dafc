"""What one client may ask for: how much in a minute, and in an address."""

from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from services.portal.guard.errors import answer
from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit, network_of

_LONGEST_PATH: Final = 1_024
_LONGEST_QUERY: Final = 4_096  # bytes
_MOST_PARAMETERS: Final = 100
_TOO_LONG: Final = Problem(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    "address-too-long",
    f"The path must be at most {_LONGEST_PATH} characters, the query {_LONGEST_QUERY} bytes with "
    f"{_MOST_PARAMETERS} parameters. Shorten it.",
)
_LONGEST_HOST: Final = 262  # a name of 255 characters, and a port
_NO_HOST: Final = Problem(
    HTTPStatus.BAD_REQUEST,
    "host-too-long",
    f"The Host header must be at most {_LONGEST_HOST} characters.",
)
_UNKNOWN: Final = ("unknown", 0)
_OF_OPERATORS: Final = frozenset({"/livez", "/readyz", "/metrics"})


class Limits:
    """ASGI middleware that refuses what is too much. Operators' probes are never refused."""

    def __init__(self, app: ASGIApp, rate: RateLimit) -> None:
        self._app, self._rate = app, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and scope["path"] not in _OF_OPERATORS:
            try:
                self._admit(scope)
            except Problem as problem:
                await answer(scope, problem.response(scope))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        address, _port = scope.get("client") or _UNKNOWN
        self._rate.take(network_of(address))
        # Without a public address of its own, the site writes it into each of many addresses.
        if any(len(value) > _LONGEST_HOST for name, value in scope["headers"] if name == b"host"):
            raise _NO_HOST
        query: bytes = scope["query_string"]
        if len(query) > _LONGEST_QUERY or len(scope["path"]) > _LONGEST_PATH:
            raise _TOO_LONG
        if query.count(b"&") >= _MOST_PARAMETERS:
            raise _TOO_LONG
