"""A server that does not let us in: the failed step and its code are told, never its text."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from shared.errors import TransientError
from tests.notify.smtp.composed import connection_to

WELCOME = {"": "220 mail.example", "EHLO": "250-mail.example\r\n250 STARTTLS"}


class Server:
    """Answers each command by its first word; the greeting is the answer to nothing."""

    def __init__(self, replies):
        self._replies = replies
        self.sessions = []

    async def serve(self, reader, writer):
        self.sessions.append(asyncio.current_task())
        with suppress(ConnectionError):
            self._reply(writer, "")
            while line := await reader.readline():
                self._reply(writer, line.decode().split()[0].upper())
            writer.close()
            await writer.wait_closed()

    def _reply(self, writer, command):
        if reply := self._replies.get(command, "250 fine"):
            writer.write(f"{reply}\r\n".encode())


@asynccontextmanager
async def a_server(replies):
    server = Server(replies)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        await listener.wait_closed()
        await asyncio.wait_for(asyncio.gather(*server.sessions), 10)


@pytest.mark.parametrize(
    ("replies", "failure"),
    [
        ({"": "421 4.3.2 chan@example.com"}, "connect-421"),
        ({"": "554 no"}, "connect-554"),
        ({"EHLO": "502 what", "HELO": "504 chan@example.com"}, "ehlo-504"),
        ({"STARTTLS": "454 4.7.0 TLS not available for chan@example.com"}, "starttls-454"),
        ({"STARTTLS": "501 5.5.4 no parameters"}, "starttls-501"),
        ({"STARTTLS": "421 4.3.0 too busy"}, "starttls-421"),
        ({"EHLO": "250 mail.example", "NOOP": "421 4.4.2 bye"}, "noop-421"),
    ],
)
async def test_the_failed_step_is_told_with_the_server_s_code(replies, failure):
    async with a_server(WELCOME | replies) as url:
        connection = connection_to(url)

        with pytest.raises(TransientError) as refused:
            await connection.open()

    assert (str(refused.value), connection.failure) == (failure, failure)
    assert not connection.is_fresh


async def test_a_server_that_says_nothing_has_timed_out():
    async with a_server({"": ""}) as url:
        with pytest.raises(TransientError, match="timed-out"):
            await connection_to(url, limit_seconds=0.3).open()


async def test_nobody_listens():
    with pytest.raises(TransientError, match="connection-failed"):
        await connection_to("smtp://127.0.0.1:9").open()
