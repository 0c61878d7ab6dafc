"""A mail server that only counts: as little as one can do, so that senders are the limit."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, cast

import uvloop
from typing_extensions import override

from devstack.stack.ports import LOCALHOST, free_ports

_GREETING: Final = b"220 sink ready\r\n"
_EXTENSIONS: Final = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_END_OF_MAIL: Final = b"\r\n.\r\n"


class MailSink:
    """What has arrived, in order: when (monotonic), and for whom."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrivals: list[tuple[float, str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://{LOCALHOST}:{self.port}"

    def times_for(self, recipient: str) -> list[float]:
        """Tell when mails for one person arrived."""
        return [at for at, whom in self.arrivals if whom == recipient]


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Run a sink in a thread of its own."""
    sink = MailSink(free_ports(["mail"])["mail"])
    loop = uvloop.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: _Session(sink), LOCALHOST, sink.port)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


class _Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._unread = b""
        self._takes_mail = False
        self._recipient = ""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own is no subclass
        self._transport.write(_GREETING)

    @override
    def data_received(self, data: bytes) -> None:
        self._unread += data
        while self._take_mail() if self._takes_mail else self._take_line():
            pass

    def _take_mail(self) -> bool:
        _, end, rest = self._unread.partition(_END_OF_MAIL)
        if not end:
            return False
        self._unread, self._takes_mail = rest, False
        self._sink.arrivals.append((time.monotonic(), self._recipient))
        self._transport.write(b"250 taken\r\n")
        return True

    def _take_line(self) -> bool:
        line, end, rest = self._unread.partition(b"\r\n")
        if not end:
            return False
        self._unread = rest
        self._transport.write(self._answer(line))
        return True

    def _answer(self, line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"DATA":
            self._takes_mail = True
            return b"354 go on\r\n"
        if command == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0].decode()
        if command == b"QUIT":
            with suppress(RuntimeError):
                self._transport.write(b"221 bye\r\n")
                self._transport.close()
            return b""
        return _EXTENSIONS if command == b"EHLO" else b"250 ok\r\n"
