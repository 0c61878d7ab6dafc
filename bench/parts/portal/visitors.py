"""Visitors who come at a steady rate, however slowly the site answers; and one who only looks.

A page counts from the moment when it was due, so that a stall shows in all that had to wait.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httptools
from typing_extensions import override

from devstack.stack.ports import LOCALHOST

_CONNECTIONS: Final = 32  # more than are in use at a rate that the site can answer
_TIMEOUT_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.005
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """One page that was opened: its name, how long it took, and its size as transferred."""

    page: str
    milliseconds: float
    is_answered: bool
    transferred: int


async def visit(port: int, pages: Sequence[tuple[str, str]], per_second: float) -> list[Visit]:
    """Open pages, each with its name, at a rate; return when all are answered."""
    connections = [await _connected(port) for _ in range(_CONNECTIONS)]
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for each in connections:
        free.put_nowait(each)
    started = time.perf_counter()
    tasks = []
    for number, (name, address) in enumerate(pages):
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_open(free, name, address, due)))
    visits = await asyncio.gather(*tasks)
    for each in connections:
        each.close()
    return list(visits)


async def _open(free: "asyncio.Queue[_Connection]", name: str, address: str, due: float) -> Visit:
    connection = await free.get()
    status, transferred = await connection.get(address)
    free.put_nowait(connection)
    return Visit(name, (time.perf_counter() - due) * 1000, status == _OK, transferred)


async def longest_stall(port: int, until: asyncio.Event) -> float:
    """Ask `/livez` again and again, until an event is set; return the longest answer, in ms.

    For so long the event loop did nothing else.
    """
    longest, connection = 0.0, await _connected(port)
    while not until.is_set():
        started = time.perf_counter()
        await connection.get("/livez")
        longest = max(longest, (time.perf_counter() - started) * 1000)
        await asyncio.sleep(_LOOK_SECONDS)
    connection.close()
    return longest


async def while_visited(
    port: int, pages: Sequence[tuple[str, str]], per_second: float, meanwhile: Callable[[], None]
) -> tuple[list[Visit], float]:
    """Open pages while a function runs in another thread; return the longest stall, too."""
    done = asyncio.Event()
    looking = asyncio.create_task(longest_stall(port, done))
    other = asyncio.create_task(asyncio.to_thread(meanwhile))
    visits = await visit(port, pages, per_second)
    await other
    done.set()
    return visits, await looking


async def _connected(port: int) -> "_Connection":
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, LOCALHOST, port)
    return connection


class _Connection(asyncio.Protocol):
    """A keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, int]] | None = None
        self._transport: Any = None
        self._parser: Any = None
        self._received = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        self._parser.feed_data(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("The server closed the connection."))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def on_message_complete(self) -> None:
        """Hand the status and the size of the response over."""
        if self._answer and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), self._received))

    async def get(self, address: str) -> tuple[int, int]:
        """Request an address, and return status and bytes of the response."""
        self._answer = asyncio.get_running_loop().create_future()
        self._parser, self._received = httptools.HttpResponseParser(self), 0
        head = f"GET {address} HTTP/1.1\r\nHost: {LOCALHOST}\r\nAccept-Encoding: gzip\r\n\r\n"
        self._transport.write(head.encode())
        return await asyncio.wait_for(self._answer, _TIMEOUT_SECONDS)
