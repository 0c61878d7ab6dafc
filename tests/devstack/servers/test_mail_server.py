"""The mail sink keeps what was sent, to the byte."""

import signal
import smtplib
import socket
import subprocess

import pytest

from devstack.servers.mail_sink import mail_sink
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.program import PROJECT
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS

SENT = b"Subject: one\r\nX-Long: a\r\n b\r\n\r\n.begins with a dot\r\n\xe5\xae\x8c\r\n\r\nend\r\n"
SENDER, RECIPIENT = "from@cppp.example", "to@cppp.example"


@pytest.fixture
def maildir(tmp_path):
    return tmp_path / "mails"


@pytest.fixture
def port(maildir):
    ports = free_ports(["mail"])
    program = mail_sink(maildir, ports)
    process = subprocess.Popen(program.command, cwd=PROJECT)  # noqa: S603  # our own command line
    assert wait_until(program.is_ready, program.ready_seconds)
    yield ports["mail"]
    process.send_signal(signal.SIGINT)
    assert process.wait(DEADLINE_SECONDS) == 0


@pytest.fixture
def connection(port):
    with smtplib.SMTP(LOCALHOST, port) as connection:
        yield connection


def mails(maildir) -> list[bytes]:
    assert not list((maildir / "tmp").iterdir())
    return [each.read_bytes() for each in sorted((maildir / "new").iterdir())]


def test_a_mail_is_stored_as_sent_below_its_envelope(connection, maildir):
    connection.sendmail(SENDER, ["one@cppp.example", "two@cppp.example"], SENT)

    [kept] = mails(maildir)
    envelope, _, mail = kept.partition(b"Subject")
    assert b"Subject" + mail == SENT
    assert envelope.decode().split("\r\n") == [
        "Return-Path: <from@cppp.example>",
        "Delivered-To: one@cppp.example",
        "Delivered-To: two@cppp.example",
        "",
    ]


@pytest.mark.parametrize("content", [b"", b".\r\n", b"..\r\n.\r\na.\r\n", b"\r\n.\r\n", b"a\r\n"])
def test_dots_and_nothing_at_all_are_kept(connection, maildir, content):
    connection.sendmail(SENDER, [RECIPIENT], content)

    [kept] = mails(maildir)
    assert kept.split(b"Delivered-To: to@cppp.example\r\n")[1] == (content or b"\r\n")


def test_every_mail_has_a_file_of_its_own(connection, maildir):
    for _ in range(3):
        connection.sendmail(SENDER, [RECIPIENT], SENT)

    assert len(mails(maildir)) == 3


def test_a_conversation_may_arrive_byte_by_byte_or_at_once(port, maildir):
    conversation = (
        b"EHLO x\r\nMAIL FROM:<a@x.example> BODY=8BITMIME\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"
        b"one\r\n.\r\nmail from: <>\r\nrcpt to:<c@x.example>\r\ndata\r\n.\r\nQUIT\r\n"
    )
    for pieces in ([conversation], [conversation[n : n + 1] for n in range(len(conversation))]):
        with socket.create_connection((LOCALHOST, port)) as connection:
            for piece in pieces:
                connection.sendall(piece)
            said = b"".join(iter(lambda: connection.recv(65_536), b""))
        codes = [line[:3] for line in said.splitlines() if line[3:4] != b"-"]
        assert codes == b"220 250 250 250 354 250 250 250 354 250 221".split()

    assert [each.splitlines()[0] for each in mails(maildir)] == [
        b"Return-Path: <a@x.example>",
        b"Return-Path: <>",
    ] * 2


def test_an_empty_mailbox_is_there_before_the_first_mail(port, maildir):
    assert port
    assert sorted(each.name for each in maildir.iterdir()) == ["cur", "new", "tmp"]
