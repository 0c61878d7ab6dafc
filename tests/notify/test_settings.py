"""Settings: what is accepted, and that a mistake is reported without showing a secret."""

import pytest
from pydantic import ValidationError

from services.notify.settings import NotifySettings, SmtpSettings
from services.notify.smtp.server_address import MailServer
from shared.settings import complaints


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, tls=False)),
        ("smtp://mail.example", MailServer("mail.example", 25, tls=False)),
        ("smtps://mail.example", MailServer("mail.example", 465, tls=True)),
        ("smtp://[::1]:2525", MailServer("::1", 2525, tls=False)),
        (
            "smtps://us%40er:p%3Aa%2Fss%25@mail.example:4650",
            MailServer("mail.example", 4650, tls=True, user="us@er", password="p:a/ss%"),  # noqa: S106 - a test's
        ),
    ],
)
def test_an_address_names_server_port_and_credentials(monkeypatch, url, server):
    monkeypatch.setenv("SMTP_URL", url)

    assert SmtpSettings().server == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:99999",
        "smtp://mail.example:0",
        "smtp://mail.example?tls=false",
        "smtp://mail.example:25/?starttls=never&s3cret",
        "smtp://mail.example:25/s3cret",
        "smtps://mail.example#s3cret",
        "smtp://user@mail.example",
        "smtp://user:s3cret@mail.example:port",
        "smtp://user:s3cret/x@mail.example",
        "imap://user:s3cret@mail.example",
    ],
)
def test_a_wrong_address_ends_the_start_with_what_is_wrong_and_no_secret(monkeypatch, url):
    monkeypatch.setenv("SMTP_URL", url)

    with pytest.raises(ValidationError) as caught:
        SmtpSettings()

    [told] = complaints([SmtpSettings])
    assert told.startswith("SMTP_URL: Must ")
    assert "s3cret" not in told
    assert "s3cret" not in f"{caught.value!s}{caught.value!r}"


def test_credentials_do_not_show_in_logs(monkeypatch):
    monkeypatch.setenv("SMTP_URL", "smtp://user:s3cret@mail.example")
    settings = SmtpSettings()

    assert "s3cret" not in f"{settings!r}{settings}{settings.server!r}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"},
        {"sender": "a@b.example\r\nBcc: x@y.example"},
        {"enquiries_email": ""},
        {"enquiries_telephone": "call me"},
        {"connections": 0},
        {"unrecorded": 0},
        {"ehlo_name": "3f2a9c1d7b60"},
        {"first_retry_seconds": 0},
        {"claim_seconds": 0},
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(wrong):
    [name] = wrong

    with pytest.raises(ValidationError, match=name):
        NotifySettings(**wrong)
