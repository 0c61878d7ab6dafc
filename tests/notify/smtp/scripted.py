"""A mail server that gives the replies it is told to."""

import asyncio
from contextlib import asynccontextmanager, suppress

from tests.waiting import DEADLINE_SECONDS

CLOSE = "closes the connection"
SILENCE = "says nothing"

_USUAL = {
    "greeting": "220 mail.example",
    "EHLO": "250 mail.example",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
}


class _Server:
    """Answers each command by its first word, the first line and the final dot by their names."""

    def __init__(self, replies):
        self._replies = _USUAL | replies
        self.sessions = []

    async def serve(self, reader, writer):
        self.sessions.append(asyncio.current_task())
        with suppress(ConnectionError):
            if self._replied(writer, "greeting"):
                await self._answer_commands(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer_commands(self, reader, writer):
        while line := await reader.readline():
            command = line.decode().split()[0].upper()
            if not self._replied(writer, command):
                return
            if command == "DATA" and self._replies["DATA"].startswith("354"):
                await _read_mail(reader)
                if not self._replied(writer, "final dot"):
                    return

    def _replied(self, writer, command):
        reply = self._replies.get(command, "250 fine")
        if reply not in {CLOSE, SILENCE}:
            writer.write(f"{reply}\r\n".encode())
        return reply != CLOSE


async def _read_mail(reader):
    while await reader.readline() not in {b".\r\n", b""}:
        pass


@asynccontextmanager
async def scripted_server(replies, tls=None):
    """Run a server with these replies; the others are the usual ones. Yields its address."""
    server = _Server(replies)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        await listener.wait_closed()
        await asyncio.wait_for(asyncio.gather(*server.sessions), DEADLINE_SECONDS)
