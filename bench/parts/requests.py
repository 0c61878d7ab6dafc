"""Sends HTTP requests over kept connections, each as soon as the one before it is answered.

The bytes of all requests are made beforehand: the sender has to cost less than what it measures.
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

_PATIENCE_SECONDS: Final = 120.0
_ACCEPTED: Final = range(200, 300)


@dataclass(slots=True)
class Answers:
    """What came back: how long each took, how many were refused, and the whole time."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Accepted requests in a second."""
        return (len(self.milliseconds) - self.failed) / self.seconds if self.seconds else 0.0


def request(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Write one POST request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {LOCALHOST}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    """Send all requests over so many connections; return when all are answered."""
    return uvloop.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    answers, waiting = Answers(), iter(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(waiting, answers), LOCALHOST, port)
        lines.append(line.done)
    await asyncio.wait_for(asyncio.gather(*lines), _PATIENCE_SECONDS)
    answers.seconds = time.perf_counter() - started
    return answers


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], answers: Answers) -> None:
        self._requests = requests
        self._answers = answers
        self._sent = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own is no subclass
        self._next()

    @override
    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server hung up."))

    def on_message_complete(self) -> None:
        """Note one answer, and send the next request."""
        self._answers.milliseconds.append((time.perf_counter() - self._sent) * 1000)
        if self._parser.get_status_code() not in _ACCEPTED:
            self._answers.failed += 1
        self._next()

    def _next(self) -> None:
        try:
            following = next(self._requests)
        except StopIteration:
            self.done.set_result(None)
            self._transport.close()
            return
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._transport.write(following)
