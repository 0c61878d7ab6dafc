"""What each kind of refusal leads to, at each command of the dialogue with a mail server.

`pytest -v tests/notify/smtp/test_dialogue.py` prints the table.
"""

import ssl
from datetime import timedelta

import pytest
import trustme

from services.notify.delivery.breaker import Breaker, BreakerTuning, domain_of
from services.notify.model import Failed
from services.notify.rules import RetrySchedule, after_rejection
from shared.errors import TransientError
from tests.factories import NOW, a_notification
from tests.notify.smtp.composed import a_mail, connection_to
from tests.notify.smtp.scripted import CLOSE, SILENCE, scripted_server

OFFERS = {
    "STARTTLS": {"EHLO": "250-mail.example\r\n250 STARTTLS"},
    "AUTH": {"EHLO": "250-mail.example\r\n250 AUTH PLAIN"},
}
SCHEDULE = RetrySchedule()
LONG_AGO = NOW - timedelta(seconds=2 * SCHEDULE.give_up_seconds)

# A server that does not let us in is waited out: the mails stay as they are.
OPENING = [
    ("greeting", "421 4.3.2 chan@example.com", "connect-421"),
    ("greeting", "554 5.7.1 no", "connect-554"),
    ("greeting", "welcome", "malformed-reply"),
    ("greeting", CLOSE, "connection-failed"),
    ("greeting", SILENCE, "timed-out"),
    ("EHLO", "421 4.3.2 bye", "ehlo-421"),
    ("EHLO", "550 5.7.1 chan@example.com", "ehlo-550"),
    ("EHLO", "welcome", "malformed-reply"),
    ("EHLO", CLOSE, "connection-failed"),
    ("EHLO", SILENCE, "timed-out"),
    ("STARTTLS", "421 4.3.0 too busy", "starttls-421"),
    ("STARTTLS", "454 4.7.0 no TLS for chan@example.com", "starttls-454"),
    ("STARTTLS", "501 5.5.4 no parameters", "starttls-501"),
    ("STARTTLS", "welcome", "malformed-reply"),
    ("STARTTLS", CLOSE, "connection-failed"),
    ("STARTTLS", SILENCE, "timed-out"),
    ("AUTH", "421 4.3.2 bye", "auth-421"),
    ("AUTH", "454 4.7.0 later", "auth-454"),
    ("AUTH", "535 5.7.8 chan@example.com", "auth-535"),
    ("AUTH", "welcome", "malformed-reply"),
    ("AUTH", CLOSE, "connection-failed"),
    ("AUTH", SILENCE, "timed-out"),
    ("NOOP", "421 4.4.2 bye", "noop-421"),
    ("NOOP", "welcome", "malformed-reply"),
    ("NOOP", CLOSE, "connection-failed"),
]

STOPPED = "waits, never given up; sending stops"
POLICY = "retried, at last refused-by-domain"
LATER = "retried, at last gave-up"
CONTENT = "retried, at last content-refused"
MAILBOX = "fails at once, mailbox-unavailable"
SUPPRESSED = f"{MAILBOX}; address suppressed"

SENDING = [
    *(
        ("MAIL", reply, STOPPED)
        for reply in (
            *("421 4.3.2 bye", "451 4.3.0 later", "452 4.2.2 full", "550 5.1.1 no such user"),
            *("550 no", "552 5.3.4 too big", "553 5.1.8 sender", "554 5.7.1 denied"),
            *("welcome", CLOSE, SILENCE),
        )
    ),
    ("RCPT", "421 4.3.2 bye", LATER),
    ("RCPT", "450 4.2.0 greylisted", LATER),
    ("RCPT", "450 4.7.1 Client host rejected", POLICY),
    ("RCPT", "452 4.2.2 mailbox full", LATER),
    ("RCPT", "504 5.5.2 Helo command rejected", POLICY),
    ("RCPT", "550 5.1.1 no such user", SUPPRESSED),
    ("RCPT", "550 5.1.2 no such domain", MAILBOX),
    ("RCPT", "550 no such user", MAILBOX),
    ("RCPT", "550 5.1.8 Sender address rejected", POLICY),
    ("RCPT", "550 5.2.1 disabled", SUPPRESSED),
    ("RCPT", "552 5.2.2 mailbox full", LATER),
    ("RCPT", "552 5.3.4 too big", CONTENT),
    ("RCPT", "554 5.7.1 Relay access denied", POLICY),
    ("RCPT", "554 Client host blocked", POLICY),
    ("RCPT", "556 no mail for this domain", MAILBOX),
    ("RCPT", "welcome", POLICY),
    ("RCPT", CLOSE, LATER),
    ("RCPT", SILENCE, LATER),
    *(
        (step, reply, result)
        for step in ("DATA", "final dot")
        for reply, result in (
            ("421 4.3.2 bye", LATER),
            ("451 4.3.0 later", LATER),
            ("452 4.2.2 mailbox full", LATER),
            ("550 5.1.1 no such user", SUPPRESSED),
            ("550 5.6.0 media", CONTENT),
            ("550 looks like spam", POLICY),
            ("552 5.3.4 too big", CONTENT),
            ("554 5.7.1 spam", POLICY),
            ("554 no valid recipients", POLICY),
            ("welcome", POLICY),
            (CLOSE, LATER),
            (SILENCE, LATER),
        )
    ),
]


def named(table):
    return [pytest.param(*row, id="{} {} -> {}".format(*row)) for row in table]


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """Return what a server needs whose certificate is trusted."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return context


def dialling(step, address, reply):
    """Build a connection; a short limit where the server says nothing."""
    door = f"smtps://us:secret@{address}" if step == "AUTH" else f"smtp://{address}"
    return connection_to(door, limit_seconds=0.3 if reply == SILENCE else 10)


def what_follows(rejection, recipient):
    """Tell what becomes of a mail: now, and when it fails like this for days."""
    breaker = Breaker(BreakerTuning())
    judged = breaker.judge(rejection, domain_of(recipient))
    notification = a_notification(attempts=3, failing_since=LONG_AGO)
    at_last = after_rejection(notification, judged, NOW, SCHEDULE)
    first = after_rejection(a_notification(), judged, NOW, SCHEDULE)
    if not isinstance(at_last, Failed):
        return f"waits, never given up{'; sending stops' if breaker.is_open else ''}"
    begins = "fails at once," if isinstance(first, Failed) else "retried, at last"
    return f"{begins} {at_last.reason}{'; address suppressed' if judged.suppresses else ''}"


@pytest.mark.parametrize(("step", "reply", "failure"), named(OPENING))
async def test_a_server_that_does_not_let_us_in_is_waited_out(step, reply, failure, tls):
    replies = OFFERS.get(step, {}) | {step: reply, "HELO": reply if step == "EHLO" else "250 fine"}
    async with scripted_server(replies, tls if step == "AUTH" else None) as address:
        connection = dialling(step, address, reply)

        with pytest.raises(TransientError) as refused:
            await connection.open()

    assert (str(refused.value), connection.failure) == (failure, failure)
    assert not connection.is_fresh


@pytest.mark.parametrize(("step", "reply", "result"), named(SENDING))
async def test_a_refusal_inside_a_mail_is_judged_by_what_it_is_about(step, reply, result):
    mail = a_mail()
    async with scripted_server({step: reply}) as address:
        connection = dialling(step, address, reply)
        await connection.open()

        rejection = await connection.send(mail)

        await connection.close()
    assert rejection is not None
    assert what_follows(rejection, mail.recipient) == result
    assert "chan@" not in f"{rejection}"


@pytest.mark.parametrize("reply", ["421 4.3.2 bye", "554 5.7.1 no", "welcome", CLOSE, SILENCE])
async def test_what_is_said_to_quit_changes_nothing(reply):
    async with scripted_server({"QUIT": reply}) as address:
        connection = dialling("QUIT", address, reply)
        await connection.open()

        assert await connection.send(a_mail()) is None

        await connection.close()
    assert not connection.is_fresh


@pytest.mark.parametrize("reply", ["421 4.3.2 bye", "500 what", "welcome", CLOSE, SILENCE])
async def test_what_is_said_to_reset_leaves_the_refusal_as_it_is(reply):
    replies = {"RCPT": "550 5.1.1 no such user", "RSET": reply}
    async with scripted_server(replies) as address:
        connection = dialling("RSET", address, reply)
        await connection.open()

        rejection = await connection.send(a_mail())

        await connection.close()
    assert what_follows(rejection, a_mail().recipient) == SUPPRESSED


async def test_nobody_listens():
    with pytest.raises(TransientError, match="connection-failed"):
        await connection_to("smtp://127.0.0.1:9").open()
