"""Sends HTTP requests over keep-alive connections, each when the previous one is answered.

All requests are encoded beforehand, because the client must cost less than the server.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import httptools
import uvloop
from typing_extensions import override

from devstack.stack.ports import LOCALHOST

_TIMEOUT_SECONDS: Final = 120.0
_ACCEPTED: Final = range(200, 300)


@dataclass(slots=True)
class Responses:
    """The latency of every response, how many were refused, and the total time."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Accepted requests per second."""
        return (len(self.milliseconds) - self.failed) / self.seconds if self.seconds else 0.0


def post_request(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Encode a POST request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {LOCALHOST}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Responses:
    """Send all requests over a number of connections; return when all are answered."""
    return uvloop.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> Responses:
    responses, pending = Responses(), iter(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    done = []
    for _ in range(connections):
        _, connection = await loop.create_connection(
            lambda: _Connection(pending, responses), LOCALHOST, port
        )
        done.append(connection.done)
    await asyncio.wait_for(asyncio.gather(*done), _TIMEOUT_SECONDS)
    responses.seconds = time.perf_counter() - started
    return responses


class _Connection(asyncio.Protocol):
    """Sends the next pending request whenever a response is complete."""

    def __init__(self, pending: Iterator[bytes], responses: Responses) -> None:
        self._pending = pending
        self._responses = responses
        self._sent = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass
        self._send_next()

    @override
    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server closed the connection."))

    def on_message_complete(self) -> None:
        """Record a response, and send the next request."""
        self._responses.milliseconds.append((time.perf_counter() - self._sent) * 1000)
        if self._parser.get_status_code() not in _ACCEPTED:
            self._responses.failed += 1
        self._send_next()

    def _send_next(self) -> None:
        try:
            request = next(self._pending)
        except StopIteration:
            self.done.set_result(None)
            self._transport.close()
            return
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._transport.write(request)
