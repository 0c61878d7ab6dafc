"""The bytes of a mail: what a mail program makes of them, and what can never be in them."""

import email
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parseaddr
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.address import UnsafeHeaderError, deliverable
from services.notify.mails.message import Composer, mailbox
from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from services.notify.mails.samples import sample_notification
from shared.events.notify import Template
from shared.references import reference_of
from tests.factories import NOW, REASON, a_notification, a_recipient
from tests.notify.mail_server import body, read_mail

LETTERS = Renderer(Enquiries("enquiries@cppp.example"))
COMPOSER = Composer(LETTERS, "no-reply@cppp.example", "enquiries@cppp.example")


def mail_to(recipient, notification=None):
    return read_mail(COMPOSER.compose(notification or a_notification(), recipient).message)


@pytest.mark.parametrize("template", get_args(Template))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_program_reads_both_parts_as_they_were_written(template, language):
    notification = a_notification(template, details={"reasons": (REASON,)})
    letter = LETTERS.write(notification, "陳大文", language)

    mail = mail_to(a_recipient(name="陳大文", language=language), notification)

    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert body(mail, "plain").replace("\r\n", "\n") == letter.text
    assert body(mail, "html").replace("\r\n", "\n").strip() == letter.html.strip()
    reference = reference_of(notification.application_id)
    assert mail["Subject"] == f"{letter.subject} [{reference}]"
    assert not mail.defects
    assert not [part.defects for part in mail.iter_parts() if part.defects]


def test_the_headers_say_who_what_and_when():
    notification = a_notification()

    mail = mail_to(a_recipient(language="zh-Hant"), notification)

    assert mail["From"].addresses == (
        Address("清潔生產伙伴計劃", addr_spec="no-reply@cppp.example"),
    )
    assert mail["To"].addresses == (Address("Chan Tai Man", addr_spec="chan@example.com"),)
    assert mail["Reply-To"] == "enquiries@cppp.example"
    assert mail["Date"].datetime == NOW
    assert mail["X-Application-Id"] == notification.application_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "zh-Hant"
    assert re.fullmatch(r"<[0-9a-f]{32}@cppp\.example>", mail["Message-ID"])


def test_the_same_notification_to_the_same_reader_gives_the_same_bytes():
    notification = a_notification()
    other_process = Composer(
        Renderer(Enquiries("enquiries@cppp.example")),
        "no-reply@cppp.example",
        "enquiries@cppp.example",
    )

    first, second = (
        each.compose(notification, a_recipient()) for each in (COMPOSER, other_process)
    )

    assert first == second


def test_different_notifications_have_different_message_ids():
    notification = a_notification("received", about="received")
    others = [
        replace(notification, version=2),
        replace(notification, about="eligibility"),
        a_notification("received", about="received"),
    ]

    ids = {mail_to(a_recipient(), each)["Message-ID"] for each in [notification, *others]}

    assert len(ids) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_ascii_in_short_lines_however_long_its_texts(language):
    reason = replace(REASON, en="x" * 3000, zh_hant="字" * 3000, zh_hans="é" * 3000)
    notification = a_notification(details={"reasons": (reason,) * 5})
    recipient = a_recipient(name="陳" * 200, language=language)

    message = COMPOSER.compose(notification, recipient).message

    assert message.isascii()
    assert max(len(line) for line in message.split(b"\r\n")) <= 78
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert body(read_mail(message)).count("x" * 3000) == (5 if language == "en" else 0)


def test_mostly_english_mails_can_be_read_as_they_travel():
    message = COMPOSER.compose(a_notification(), a_recipient()).message

    assert b"We are pleased to inform you" in message


LINE_BREAKS = ["\r\n", "\n", "\r", "\u2028", "\x85", "\x00", "\x0b"]


@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_no_line_break_in_a_name_reaches_a_header(line_break):
    recipient = a_recipient(name=f"Chan{line_break}Bcc: everybody@example.com")

    with pytest.raises(UnsafeHeaderError):
        COMPOSER.compose(a_notification(), recipient)


@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_no_line_break_in_an_address_reaches_a_header(line_break):
    recipient = a_recipient(email=f"a@example.com{line_break}Bcc: everybody@example.com")

    with pytest.raises(ValueError, match=r".+"):
        COMPOSER.compose(a_notification(), recipient)


@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_no_line_break_in_an_id_reaches_a_header(line_break):
    hostile = replace(a_notification(), application_id=f"1{line_break}Bcc: everybody@example.com")

    with pytest.raises(UnsafeHeaderError):
        COMPOSER.compose(hostile, a_recipient())


def test_the_error_about_an_unsafe_value_does_not_show_it():
    with pytest.raises(UnsafeHeaderError) as caught:
        mailbox("Chan\r\nTai Man", "chan@example.com")

    assert "Chan" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "Chan, Tai Man",
        'Chan "Peter" Tai Man',
        "Back\\slash",
        "a@b.example",
        "x <y@z.example>",
        "=?utf-8?q?Not_encoded?=",
        "Müller",
        "陳大文",
        'Émile 陳, "x" <y>',
        "陳" * 200,
        "Chan" + " Tai Man" * 24,
    ],
)
def test_a_mail_program_shows_the_name_as_it_was_given_beside_one_address(name):
    message = COMPOSER.compose(a_notification(), a_recipient(name=name)).message

    shown, address = parseaddr(email.message_from_bytes(message)["To"])
    assert (str(make_header(decode_header(shown))), address) == (name, "chan@example.com")


@settings(deadline=None)  # tests share their machine
@given(st.text(min_size=1, max_size=200))
def test_no_name_changes_the_number_of_headers_or_of_recipients(name):
    expected = len(mail_to(a_recipient()).items())

    try:
        mail = mail_to(a_recipient(name=name))
    except ValueError:
        return  # refused

    assert len(mail.items()) == expected
    assert [each.addr_spec for each in mail["To"].addresses] == ["chan@example.com"]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("chan@example.com", "chan@example.com"),
        ("o'hara+x@example.com", "o'hara+x@example.com"),
        ("chan@例子.公司", "chan@xn--fsqu00a.xn--55qx5d"),
        ("陳@例子.公司", "陳@xn--fsqu00a.xn--55qx5d"),
    ],
)
def test_an_address_is_written_as_mail_servers_expect_it(address, written):
    assert deliverable(address) == written


def test_an_address_that_is_not_ascii_is_written_as_it_is_in_the_header():
    mail = COMPOSER.compose(a_notification(), a_recipient(name="陳", email="陳@example.com"))

    assert "\r\n <陳@example.com>\r\n".encode() in mail.message


def test_every_sample_is_a_mail():
    for template in get_args(Template):
        assert mail_to(a_recipient(), sample_notification(template))["Subject"]
