"""A line to a server that a test can cut, as if the server were down."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttableLine:
    """Passes bytes between a port of its own and a server's, in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    def run(self) -> None:
        """Pass bytes until `stop`."""
        self._loop.run_forever()
        self._loop.close()

    def connect(self) -> None:
        """Pass bytes on; always on the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        """Drop every connection, and take no more."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _drop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        while self._ends:
            for end in self._ends:
                end.transport.abort()
            await asyncio.sleep(0)

    async def _pass_on(self, reader, writer) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            ends = {writer, far_writer}
            self._ends |= ends
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
            self._ends -= ends


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
