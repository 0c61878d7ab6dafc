"""A minimal SMTP server that only counts mails, so that the sender is the bottleneck.

It may take a while to accept each mail, as servers do that scan and queue it.
"""

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
    """The mails received so far, in order: the monotonic time and the recipient of each.

    Each mail is accepted `answer_seconds` after its final dot; meanwhile other connections go on.
    """

    def __init__(self, port: int, answer_seconds: float = 0.0) -> None:
        self.port = port
        self.answer_seconds = answer_seconds
        self.arrivals: list[tuple[float, str]] = []

    @property
    def url(self) -> str:
        """The URL for SMTP clients."""
        return f"smtp://{LOCALHOST}:{self.port}"

    def arrival_times(self, recipient: str) -> list[float]:
        """Return when the mails to a recipient arrived."""
        return [at for at, whom in self.arrivals if whom == recipient]


@contextmanager
def mail_sink(answer_seconds: float = 0.0) -> Iterator[MailSink]:
    """Run a sink in a separate thread."""
    sink = MailSink(free_ports(["mail"])["mail"], answer_seconds)
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
    """The server's side of one connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._unread = b""
        self._in_data = False
        self._recipient = ""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass
        self._transport.write(_GREETING)

    @override
    def data_received(self, data: bytes) -> None:
        self._unread += data
        while self._read_mail() if self._in_data else self._read_command():
            pass

    def _read_mail(self) -> bool:
        _, end, rest = self._unread.partition(_END_OF_MAIL)
        if not end:
            return False
        self._unread, self._in_data = rest, False
        self._sink.arrivals.append((time.monotonic(), self._recipient))
        if self._sink.answer_seconds:
            asyncio.get_running_loop().call_later(self._sink.answer_seconds, self._accept)
        else:
            self._accept()
        return True

    def _accept(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"250 taken\r\n")

    def _read_command(self) -> bool:
        line, end, rest = self._unread.partition(b"\r\n")
        if not end:
            return False
        self._unread = rest
        self._transport.write(self._reply(line))
        return True

    def _reply(self, line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if command == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0].decode()
        if command == b"QUIT":
            with suppress(RuntimeError):
                self._transport.write(b"221 bye\r\n")
                self._transport.close()
            return b""
        return _EXTENSIONS if command == b"EHLO" else b"250 ok\r\n"
