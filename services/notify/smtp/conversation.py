"""The SMTP dialogue for one mail.

The library connects, starts TLS and authenticates; afterwards this class uses its connection. It
differs from the library in two ways: commands are pipelined if the server allows it (RFC 2920), and
the final dot is a step of its own, because the server accepts nothing before it.
"""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

_LONGEST_REPLY: Final = 32 * 1024
_REPLY_LINE: Final = re.compile(rb"(\d{3})(?:([ -])(?:(\d\.\d{1,3}\.\d{1,3})(?= |$))?.*)?")
_FINAL_LINE: Final = b".\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply; `status` is its enhanced status code (RFC 3463), or "" if it has none."""

    code: int
    status: str = ""


class Conversation(asyncio.Protocol):
    """Commands and their replies, in order. After any error the connection is closed.

    Waiting for a reply raises `ConnectionError` if the connection is lost.
    """

    def __init__(self, transport: asyncio.Transport, *, pipelining: bool) -> None:
        self._transport = transport
        self._pipelining = pipelining
        self._received = bytearray()
        self._replies_due = 0
        self._replies: deque[Reply] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._lost = asyncio.Event()
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Return whether commands can still be sent."""
        return not self._transport.is_closing()

    async def send_commands(self, commands: Sequence[bytes]) -> list[Reply]:
        """Send commands and return their replies.

        Pipelined if the server allows it, else one by one until the first refusal.
        """
        if self._pipelining:
            self._write(b"\r\n".join([*commands, b""]), len(commands))
            return [await self._reply() for _ in commands]
        replies: list[Reply] = []
        for command in commands:
            self._write(command + b"\r\n", 1)
            replies.append(await self._reply())
            if replies[-1].code >= 400:  # noqa: PLR2004  # all refusals (RFC 5321)
                break
        return replies

    def send_message(self, message: bytes) -> None:
        """Send the lines of a mail except the final dot: the server accepts nothing before it."""
        stuffed = message.replace(b"\n.", b"\n..")
        self._write(b"." + stuffed if stuffed.startswith(b".") else stuffed, 0)

    async def end_mail(self) -> Reply:
        """Send the final dot: from here on the server may have accepted the mail."""
        self._write(_FINAL_LINE, 1)
        return await self._reply()

    def close(self) -> None:
        """Close the connection; the server discards a mail without its final dot."""
        self._transport.close()

    async def closed(self, seconds: float) -> None:
        """Wait until the closed connection has ended; after `seconds` it is cut off.

        A TLS connection still exchanges messages after `close`.
        """
        try:
            await asyncio.wait_for(self._lost.wait(), seconds)
        except TimeoutError:
            self._transport.abort()

    def _write(self, lines: bytes, replies: int) -> None:
        if not self.is_open:
            raise ConnectionResetError
        self._replies_due += replies
        self._transport.write(lines)

    async def _reply(self) -> Reply:
        while not self._replies:
            if not self.is_open:
                raise ConnectionResetError
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        return self._replies.popleft()

    @override
    def data_received(self, data: bytes) -> None:
        """Parse received bytes; see `asyncio.Protocol`."""
        self._received += data
        *lines, rest = self._received.split(b"\n")
        self._received = bytearray(rest)
        if len(rest) > _LONGEST_REPLY or not all(self._read(bytes(line)) for line in lines):
            self._transport.close()
        self._wake()

    def _read(self, line: bytes) -> bool:
        """Parse a line of a reply; a malformed or unexpected one closes the connection."""
        found = _REPLY_LINE.fullmatch(line.rstrip(b"\r"))
        if found is None or not self._replies_due:
            return False
        code, separator, status = found.groups()
        if separator != b"-":
            self._replies_due -= 1
            self._replies.append(Reply(int(code), (status or b"").decode()))
        return True

    @override
    def connection_lost(self, exc: Exception | None) -> None:  # the interface's
        """See `asyncio.Protocol`."""
        self._lost.set()
        self._wake()

    def _wake(self) -> None:
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)
