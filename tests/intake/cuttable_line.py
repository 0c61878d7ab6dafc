"""A line to a server that a test can cut, as if the server were down."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttableLine:
    """Passes bytes between a port of its own and a server's, in a thread of its own.

    It accepts connections itself: one that `asyncio.start_server` accepts just before it is closed
    keeps its socket for ever, and a later test fails on that.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._is_over = asyncio.Event()
        self._listener: socket.socket | None = None
        self._passing: dict[socket.socket, asyncio.Task[None]] = {}
        self.port = 0

    def run(self) -> None:
        """Pass bytes until `stop`."""
        with self._runner:
            self._runner.run(self._is_over.wait())

    def connect(self) -> None:
        """Pass bytes on; always on the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        """Drop every connection, and take no more."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._is_over.set)

    async def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self._listener.settimeout(0)
        self.port = self._listener.getsockname()[1]
        self._loop.add_reader(self._listener, self._accept, self._listener)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the client may have gone
            near, _ = listener.accept()
            self._passing[near] = self._loop.create_task(self._pass_on(near))

    async def _drop(self) -> None:
        if self._listener:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        passing = self._passing.copy()
        for each in passing.values():
            each.cancel()
        await asyncio.gather(*passing.values(), return_exceptions=True)
        for near in passing:
            near.close()  # of one whose task had not begun
            self._passing.pop(near, None)

    async def _pass_on(self, near: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=near)
        try:
            with suppress(OSError):
                await self._pass_on_to_target(reader, writer)
        finally:
            writer.transport.abort()
            self._passing.pop(near, None)

    async def _pass_on_to_target(self, reader, writer) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            far_writer.transport.abort()


async def _copy(reader, writer) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def a_line_to(address: str, *, is_up: bool = True) -> Iterator[CuttableLine]:
    """Lay a line to `host:port`; a line that is not up keeps its port for later."""
    host, port = address.rsplit(":", 1)
    line = CuttableLine(host, int(port))
    thread = threading.Thread(target=line.run)
    thread.start()
    try:
        line.connect()
        if not is_up:
            line.cut()
        yield line
        line.cut()
    finally:
        line.stop()
        thread.join()
