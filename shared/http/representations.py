"""Answers to GET and HEAD: an `ETag`, and `304` for a client that has it (RFC 9110)."""

import re
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GET: Final = "GET"
_METHODS: Final = {_GET, "HEAD"}
_DIGEST_BYTES: Final = 12
_OPAQUE_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_OF_CONTENT: Final = ("content-length", "content-type")


class Representations:
    """ASGI middleware: HEAD is answered like GET without the body, and GET has an `ETag`.

    The tag changes whenever the body does. A tag that the route sets is kept as its beginning:
    `"2"` becomes `"2-…"`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, HEAD as GET."""
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            await self._app(scope, receive, send)
            return
        inner = {**scope, "method": _GET}
        try:
            await self._app(inner, receive, _Answer(scope, send).send)
        finally:
            if "route" in inner:
                scope["route"] = inner["route"]  # the label of the metrics


class _Answer:
    """One response on its way; its start waits for the body."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._has_body = scope["method"] == _GET
        self._known = Headers(scope=scope).getlist("if-none-match")
        self._send = send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            message = await self._begin(self._start, message)
            self._start = None
        await self._send(message if self._has_body else {**message, "body": b""})

    async def _begin(self, start: Message, body: Message) -> Message:
        """Send the start of the response; return the body that follows it."""
        if start["status"] == HTTPStatus.OK and not body.get("more_body", False):
            headers = MutableHeaders(scope=start)
            tag = headers["etag"] = _entity_tag(headers.get("etag"), body.get("body", b""))
            if is_known(tag, self._known):
                await self._send(_not_modified(start))
                return {**body, "body": b""}
        await self._send(start)
        return body


def _entity_tag(given: str | None, body: bytes) -> str:
    digest = blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()
    return f'"{given.strip(chr(34))}-{digest}"' if given else f'"{digest}"'


def is_known(tag: str, if_none_match: list[str]) -> bool:
    """Return whether the client has this representation. Weak tags match, too."""
    stated = ",".join(if_none_match).strip()
    return stated == "*" or tag in _OPAQUE_TAG.findall(stated)


def _not_modified(start: Message) -> Message:
    headers = [each for each in start["headers"] if each[0].decode() not in _OF_CONTENT]
    return {**start, "status": int(HTTPStatus.NOT_MODIFIED), "headers": headers}
