"""The mail sink keeps what was sent, to the byte."""

import smtplib

import pytest
from aiosmtpd.controller import Controller

from devstack.servers.mail_delivery import MaildirDelivery
from devstack.stack.ports import LOCALHOST, free_ports

SENT = b"Subject: one\r\nX-Long: a\r\n b\r\n\r\n.begins with a dot\r\n\xe5\xae\x8c\r\n\r\nend\r\n"


@pytest.fixture
def maildir(tmp_path):
    return tmp_path / "mails"


@pytest.fixture
def connection(maildir):
    port = free_ports(["SMTP"])["SMTP"]
    controller = Controller(MaildirDelivery(maildir), hostname=LOCALHOST, port=port)
    controller.start()
    with smtplib.SMTP(LOCALHOST, port) as connection:
        yield connection
    controller.stop()


def test_a_mail_is_stored_as_sent_below_its_envelope(connection, maildir):
    connection.sendmail("from@cppp.example", ["one@cppp.example", "two@cppp.example"], SENT)

    [kept] = (maildir / "new").iterdir()
    envelope, _, mail = kept.read_bytes().partition(b"Subject")
    assert b"Subject" + mail == SENT
    assert envelope.decode().split("\r\n") == [
        "Return-Path: <from@cppp.example>",
        "Delivered-To: one@cppp.example",
        "Delivered-To: two@cppp.example",
        "",
    ]


def test_every_mail_has_a_file_of_its_own_and_no_draft_is_left(connection, maildir):
    for _ in range(3):
        connection.sendmail("from@cppp.example", ["to@cppp.example"], SENT)

    assert len(list((maildir / "new").iterdir())) == 3
    assert not list((maildir / "tmp").iterdir())


def test_an_empty_mailbox_is_there_before_the_first_mail(maildir):
    MaildirDelivery(maildir)

    assert sorted(each.name for each in maildir.iterdir()) == ["cur", "new", "tmp"]
