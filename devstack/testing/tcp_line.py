"""A TCP proxy that can be slow, silent or cut: `python -m devstack.testing.tcp_line FROM TO FILE`.

FROM and TO are ports of this machine. FILE holds the condition of the line, as JSON, and is read
continuously.
"""

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devstack.stack.ports import LOCALHOST

_LOOK_SECONDS = 0.02
_PIECE_BYTES = 64 * 1024
_PIECES_ON_THE_WAY = 256


@dataclass(frozen=True)
class Line:
    """The condition of a line.

    `latency_seconds` delays what the client sends, so that each call takes that much longer.
    `bytes_per_second` limits each direction of each connection; 0 means no limit. A silent line
    accepts connections and bytes but forwards them only later, as when packets are lost; a cut
    line closes every connection at once.
    """

    latency_seconds: float = 0
    bytes_per_second: float = 0
    is_silent: bool = False
    is_cut: bool = False


class _Proxy:
    def __init__(self, target_port: int, file: Path) -> None:
        self._target_port = target_port
        self._file = file
        self._line = Line()
        self._forwards = asyncio.Event()
        self._open: set[StreamWriter] = set()

    async def look(self) -> None:
        """Apply the condition in the file, again and again."""
        while True:
            self._set_condition(Line(**json.loads(self._file.read_text())))
            await asyncio.sleep(_LOOK_SECONDS)

    def _set_condition(self, line: Line) -> None:
        self._line = line
        if line.is_silent:
            self._forwards.clear()
        else:
            self._forwards.set()
        for writer in self._open if line.is_cut else ():
            writer.transport.abort()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Forward one connection until either side closes it or the line is cut."""
        await self._forwards.wait()
        if self._line.is_cut:
            writer.transport.abort()
            return
        self._open.add(writer)
        with suppress(OSError, ExceptionGroup):
            far_reader, far_writer = await asyncio.open_connection(LOCALHOST, self._target_port)
            self._open.add(far_writer)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(reader, far_writer, is_request=True))
                    both.create_task(self._carry(far_reader, writer, is_request=False))
            finally:
                far_writer.transport.abort()
                self._open.discard(far_writer)
        writer.transport.abort()
        self._open.discard(writer)

    async def _carry(self, source: StreamReader, sink: StreamWriter, *, is_request: bool) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_PIECES_ON_THE_WAY)
        async with asyncio.TaskGroup() as both:
            both.create_task(_receive(source, pieces))
            both.create_task(self._send(pieces, sink, is_request=is_request))

    async def _send(
        self,
        pieces: "asyncio.Queue[tuple[float, bytes]]",
        sink: StreamWriter,
        *,
        is_request: bool,
    ) -> None:
        while True:
            arrived, piece = await pieces.get()
            await self._delay(arrived if is_request else None, len(piece))
            if not piece:
                sink.write_eof()
                return
            sink.write(piece)
            await sink.drain()

    async def _delay(self, delayed_since: float | None, size: int) -> None:
        await self._forwards.wait()
        if delayed_since is not None:
            due = delayed_since + self._line.latency_seconds
            await asyncio.sleep(due - asyncio.get_running_loop().time())
        if self._line.bytes_per_second:
            await asyncio.sleep(size / self._line.bytes_per_second)


async def _receive(source: StreamReader, pieces: "asyncio.Queue[tuple[float, bytes]]") -> None:
    piece = b"more"
    while piece:
        piece = await source.read(_PIECE_BYTES)
        await pieces.put((asyncio.get_running_loop().time(), piece))


async def _main(port: int, target_port: int, file: Path) -> None:
    proxy = _Proxy(target_port, file)
    async with await asyncio.start_server(proxy.serve, LOCALHOST, port):
        await proxy.look()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
