"""What is said to a mail server and understood of its answers, down to the bytes."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from services.notify.model import Rejection
from services.notify.smtp.conversation import Conversation, Reply
from tests.notify.mail_server import MailServer
from tests.notify.smtp.composed import a_mail, connection_to


class Script:
    """What a server answers, whatever it is asked; it notes what it hears."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self.heard: list[bytes] = []
        self.finished = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in self._answers:
            self.heard.append(await reader.read(65_536))
            writer.write(answer)
        self.heard.append(await reader.read(65_536))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.finished.set()


@asynccontextmanager
async def talking_to(*answers: bytes, pipelining: bool = False):
    """Talk to a server that keeps to a script."""
    script = Script(answers)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, *address)
    conversation = Conversation(transport, pipelining=pipelining)
    try:
        yield conversation, script.heard
    finally:
        conversation.close()
        await asyncio.wait_for(script.finished.wait(), 10)
        server.close()
        await server.wait_closed()


async def test_commands_go_together_where_the_server_allows_it():
    async with talking_to(b"250 a\r\n250 b\r\n354 c\r\n", pipelining=True) as (conversation, heard):
        replies = await conversation.send_commands([b"MAIL", b"RCPT", b"DATA"])

    assert heard[0] == b"MAIL\r\nRCPT\r\nDATA\r\n"
    assert [each.code for each in replies] == [250, 250, 354]


async def test_otherwise_they_go_one_by_one_and_none_after_a_refusal():
    async with talking_to(b"250 a\r\n", b"550 b\r\n") as (conversation, heard):
        replies = await conversation.send_commands([b"MAIL", b"RCPT", b"DATA"])

    assert heard[:2] == [b"MAIL\r\n", b"RCPT\r\n"]
    assert [each.code for each in replies] == [250, 550]


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (b"250 2.1.0 OK\r\n", Reply(250, "2.1.0")),
        (b"250\r\n", Reply(250)),
        (b"250 \r\n", Reply(250)),
        (b"250 OK\n", Reply(250)),
        (b"550-5.1.1 no such\r\n550 5.1.1 user\r\n", Reply(550, "5.1.1")),
        (b"550 5.1.10 null MX\r\n", Reply(550, "5.1.10")),
        (b"550 5.1.1\r\n", Reply(550, "5.1.1")),
        (b"550 5.1.1.1 is no status\r\n", Reply(550)),
        (b"550 our version is 5.1.1\r\n", Reply(550)),
        (b"550 \xff\xfe\r\n", Reply(550)),
    ],
)
async def test_a_reply_is_read_with_its_status(answer, reply):
    async with talking_to(answer) as (conversation, _):
        assert await conversation.send_commands([b"NOOP"]) == [reply]


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n",
        b"25\r\n",
        b"250_OK\r\n",
        b"\r\n",
        b"250-" + b"x" * 40_000,
        b"250 OK\r\n250 nobody asked for this\r\n",
    ],
)
async def test_what_is_no_reply_or_one_too_many_breaks_the_connection_off(answer):
    async with talking_to(answer) as (conversation, _):
        with suppress(ConnectionError):
            await conversation.send_commands([b"NOOP"])

        with pytest.raises(ConnectionError):
            await conversation.send_commands([b"NOOP"])
        assert not conversation.is_open


async def test_a_server_that_goes_away_ends_the_waiting():
    async with talking_to() as (conversation, _):
        with pytest.raises(ConnectionError):
            await conversation.send_commands([b"NOOP"])


async def test_nothing_ends_a_mail_but_its_end():
    async with talking_to(b"354 go\r\n", b"") as (conversation, heard):
        await conversation.send_commands([b"DATA"])
        conversation.send_message(b".\r\n..\r\nx\r\n.\r\n\n.\nend\r\n")
        conversation.close()

    assert b"".join(heard[1:]) == b"..\r\n...\r\nx\r\n..\r\n\n..\nend\r\n"


@pytest.fixture(params=[False, True], ids=["one by one", "together"])
async def server(request):
    server = MailServer(pipelining=request.param)
    server.start()
    yield server
    server.stop()


async def test_a_mail_that_is_offered_is_not_taken_before_it_is_handed_over(server):
    connection, mail = connection_to(server.url), a_mail()
    await connection.open()

    assert await connection.offer(mail) is None
    assert server.taken == []
    assert await connection.hand_over() is None

    await connection.close()
    assert server.taken == [mail.message]


@pytest.mark.parametrize("end", ["abandon", "close"])
async def test_a_mail_that_was_offered_and_given_up_is_never_taken(server, end):
    connection = connection_to(server.url)
    await connection.open()
    await connection.offer(a_mail())

    connection.abandon() if end == "abandon" else await connection.close()
    await connection.open()
    await connection.send(a_mail("other@example.com"))

    await connection.close()
    assert server.recipients == ["other@example.com"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [450, 550])
async def test_a_refusal_is_understood_either_way_and_the_next_mail_goes_through(
    server, command, code
):
    connection = connection_to(server.url)
    await connection.open()
    server.answers[command].append(f"{code} no")

    refused = await connection.send(a_mail())
    await connection.open()
    assert await connection.send(a_mail()) is None

    await connection.close()
    assert refused == Rejection(f"smtp-{code}", permanent=code == 550 and command != "MAIL")
    assert len(server.taken) == 1


async def test_a_server_that_would_take_a_mail_for_nobody_is_left(server):
    replies = b"250 a\r\n550 5.1.1 b\r\n354 c\r\n"
    async with talking_to(replies, pipelining=True) as (conversation, heard):
        connection = connection_to(server.url)
        await connection.open()
        connection._conversation = conversation  # noqa: SLF001 - such servers are rare

        assert await connection.offer(a_mail()) == Rejection("smtp-550", True, True)  # noqa: FBT003

        assert not connection.is_fresh
    assert b"Subject" not in b"".join(heard)
