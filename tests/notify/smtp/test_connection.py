"""One connection to a real SMTP server, well-behaved and otherwise."""

import asyncio
from itertools import count

import pytest
from aiosmtplib.protocol import SMTPProtocol

from services.notify.mails.message import Mail
from services.notify.model import Rejection
from services.notify.smtp.refusals import REFUSED_BY_SERVER, judge
from shared.errors import TransientError
from tests.notify.mail_server import DROP, HANG, MailServer
from tests.notify.smtp.composed import a_mail, connection_to
from tests.waiting import eventually_async


@pytest.fixture
async def connection(mail_server):
    connection = connection_to(mail_server.url)
    await connection.open()
    yield connection
    await connection.close()


async def test_a_mail_arrives_byte_for_byte_with_its_envelope(connection, mail_server):
    mail = a_mail()

    assert await connection.send(mail) is None

    assert mail_server.taken == [mail.message]
    assert mail_server.recipients == ["chan@example.com"]


async def test_lines_that_begin_with_a_dot_arrive_unchanged(connection, mail_server):
    mail = a_mail()
    dotted = Mail(
        mail.recipient, mail.message + b"\r\n.\r\n..\r\n.x\r\n", mail.message_id, mail.language
    )

    await connection.send(dotted)

    assert mail_server.taken == [dotted.message]


async def test_one_connection_takes_many_mails(connection, mail_server):
    for _ in range(20):
        assert await connection.send(a_mail()) is None

    assert len(mail_server.taken) == 20
    assert mail_server.sessions == 1


async def test_a_connection_is_opened_anew_after_a_hundred_mails(connection, mail_server):
    for _ in range(101):
        await connection.open()
        await connection.send(a_mail())

    assert len(mail_server.taken) == 101
    assert mail_server.sessions == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 451, 550, 554])
async def test_a_refusal_is_told_by_its_code_and_the_next_mail_goes_through(
    connection, mail_server, command, code
):
    mail_server.answers[command].append(f"{code} chan@example.com is not wanted")

    refused = await connection.send(a_mail())
    await connection.open()
    taken = await connection.send(a_mail())

    step = "end" if command == "DATA" else command.lower()
    assert refused == judge(step, code)
    assert "chan" not in f"{refused}"
    assert taken is None
    assert len(mail_server.taken) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_costs_no_more_than_the_limit(mail_server, command):
    connection = connection_to(mail_server.url, limit_seconds=0.3)
    await connection.open()
    mail_server.answers[command].append(HANG)

    hung = await connection.send(a_mail())

    assert hung == (
        Rejection(REFUSED_BY_SERVER, "server", "mail-timed-out")
        if command == "MAIL"
        else Rejection("timed-out")
    )
    assert not connection.is_fresh
    await connection.open()
    assert await connection.send(a_mail()) is None
    await connection.close()


async def test_a_line_dropped_after_the_mail_is_no_refusal(connection, mail_server):
    mail_server.answers["DATA"].append(DROP)

    assert await connection.send(a_mail()) == Rejection("connection-lost")

    await connection.open()
    assert await connection.send(a_mail()) is None


async def test_a_connection_that_the_server_has_closed_is_not_used_again(connection, mail_server):
    mail_server.stop()
    await eventually_async(lambda: not connection.is_fresh)
    mail_server.start()

    await connection.open()

    assert await connection.send(a_mail()) is None


async def test_a_server_that_is_down_is_an_outage(mail_server):
    mail_server.stop()
    connection = connection_to(mail_server.url)

    with pytest.raises(TransientError):
        await connection.open()

    mail_server.start()
    await connection.open()
    assert await connection.send(a_mail()) is None
    await connection.close()


async def test_closing_twice_or_without_opening_is_no_error(mail_server):
    connection = connection_to(mail_server.url)

    await connection.close()
    await connection.open()
    await connection.close()
    await connection.close()

    assert not connection.is_fresh


async def test_an_address_that_is_not_ascii_needs_a_server_that_offers_it():
    server = MailServer(enable_SMTPUTF8=False)
    server.start()
    connection = connection_to(server.url)
    await connection.open()

    refused = await connection.send(a_mail("陳@example.com"))

    await connection.close()
    server.stop()
    assert refused == Rejection("address-not-supported", "mailbox")


async def test_an_address_that_is_not_ascii_goes_through_where_it_is_offered():
    server = MailServer(enable_SMTPUTF8=True)
    server.start()
    connection = connection_to(server.url)
    await connection.open()

    assert await connection.send(a_mail("陳@example.com")) is None

    await connection.close()
    server.stop()
    assert server.recipients == ["陳@example.com"]
    [mail] = server.mails
    assert "陳@example.com" in mail["To"]


@pytest.mark.parametrize(
    "address",
    [
        "chan@example.com> NOTIFY=NEVER",
        "chan@example.com>\r\nRCPT TO:<evil@example.com",
        "chan@example.com,evil@example.com",
        "chan evil@example.com",
    ],
)
async def test_no_address_can_smuggle_in_a_command_an_option_or_another_reader(
    connection, mail_server, address
):
    mail = a_mail()

    rejection = await connection.send(Mail(address, mail.message, mail.message_id, mail.language))

    assert rejection is None or rejection.about == "mailbox"
    assert mail_server.recipients in ([], ["chan@example.com"])
    assert await connection.send(mail) is None


@pytest.mark.parametrize("answer", [1, 2, 3], ids=["greeting", "EHLO", "NOOP"])
async def test_a_cancellation_in_the_moment_of_an_answer_is_not_lost(
    mail_server, monkeypatch, answer
):
    connection = connection_to(mail_server.url)
    receive = SMTPProtocol.data_received
    answers = count(1)

    def receive_and_cancel(protocol, data):
        receive(protocol, data)
        if next(answers) == answer:
            opening.cancel()

    monkeypatch.setattr(SMTPProtocol, "data_received", receive_and_cancel)
    opening = asyncio.create_task(connection.open())

    with pytest.raises(asyncio.CancelledError):
        await opening
    await connection.close()
