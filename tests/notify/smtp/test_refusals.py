"""What each refusal is about: the table of the README."""

import pytest

from services.notify.smtp.refusals import judge

# reply to RCPT, what it is about, the reason
TABLE = [
    ("550 5.1.1 no such user", "mailbox", "mailbox-unavailable"),
    ("550 5.1.2 domain not found", "mailbox", "mailbox-unavailable"),
    ("501 5.1.3 bad address syntax", "mailbox", "mailbox-unavailable"),
    ("553 5.1.4 ambiguous", "mailbox", "mailbox-unavailable"),
    ("551 5.1.6 moved", "mailbox", "mailbox-unavailable"),
    ("556 5.1.10 null MX", "mailbox", "mailbox-unavailable"),
    ("550 5.2.1 disabled", "mailbox", "mailbox-unavailable"),
    ("550 5.2.4 list cannot be expanded", "mailbox", "mailbox-unavailable"),
    ("556 accepts no mail", "mailbox", "mailbox-unavailable"),
    ("550 no such user", "unclear", "mailbox-unavailable"),
    ("551 not local", "unclear", "mailbox-unavailable"),
    ("553 not allowed", "unclear", "mailbox-unavailable"),
    ("550 5.1.0 address rejected", "unclear", "mailbox-unavailable"),
    ("550 5.0.0 rejected", "unclear", "mailbox-unavailable"),
    ("504 5.5.2 Helo command rejected", "policy", "refused-by-domain"),
    ("550 5.1.7 bad sender syntax", "policy", "refused-by-domain"),
    ("550 5.1.8 Sender address rejected", "policy", "refused-by-domain"),
    ("553 5.7.1 not authorised", "policy", "refused-by-domain"),
    ("554 5.7.1 Relay access denied", "policy", "refused-by-domain"),
    ("554 Client host blocked", "policy", "refused-by-domain"),
    ("530 5.7.0 authentication required", "policy", "refused-by-domain"),
    ("521 no mail here", "policy", "refused-by-domain"),
    ("550 5.4.1 access denied", "policy", "refused-by-domain"),
    ("450 4.1.8 Domain of sender not found", "policy", "refused-by-domain"),
    ("450 4.7.1 Client host rejected", "policy", "refused-by-domain"),
    ("550 5.6.0 media error", "content", "content-refused"),
    ("552 5.3.4 message too big", "content", "content-refused"),
    ("550 5.2.3 message too long", "content", "content-refused"),
    ("552 5.2.2 mailbox full", "later", "mailbox-full"),
    ("452 4.2.2 mailbox full", "later", "mailbox-full"),
    ("552 storage exceeded", "later", "mailbox-full"),
    ("450 4.2.0 greylisted", "later", "smtp-450"),
    ("451 4.3.0 try again", "later", "smtp-451"),
    ("421 going down", "later", "smtp-421"),
]


def judged(step, reply):
    code, _, text = reply.partition(" ")
    return judge(step, int(code), text)


@pytest.mark.parametrize(("reply", "about", "reason"), TABLE, ids=[each[0] for each in TABLE])
def test_a_reply_to_rcpt_is_about_what_its_status_says(reply, about, reason):
    rejection = judged("rcpt", reply)

    assert (rejection.about, rejection.reason) == (about, reason)


@pytest.mark.parametrize("reply", [each[0] for each in TABLE])
def test_before_a_recipient_is_named_every_refusal_is_about_us(reply):
    assert judged("mail", reply).about == "server"


@pytest.mark.parametrize("step", ["data", "end"])
@pytest.mark.parametrize(
    ("reply", "about"),
    [
        ("550 5.1.1 no such user", "mailbox"),
        ("550 looks like spam", "policy"),
        ("554 transaction failed", "policy"),
        ("554 5.7.1 spam", "policy"),
        ("554 5.6.0 content", "content"),
        ("451 later", "later"),
        ("250 what", "policy"),
    ],
)
def test_after_data_a_bare_code_says_nothing_of_the_mailbox(step, reply, about):
    assert judged(step, reply).about == about


@pytest.mark.parametrize("status", ["5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_some_refusals_put_the_address_on_the_suppression_list(status):
    assert judged("rcpt", f"550 {status} no").suppresses
    assert not judged("mail", f"550 {status} no").suppresses


@pytest.mark.parametrize("reply", ["550 no", "550 5.1.2 no", "552 5.2.2 full", "550 5.7.1 no"])
def test_others_do_not(reply):
    assert not judged("rcpt", reply).suppresses


@pytest.mark.parametrize(
    ("step", "reply", "answer"),
    [
        ("rcpt", "554 5.7.1 <chan@example.com>: Relay access denied", "rcpt-554-5.7.1"),
        ("end", "550 chan@example.com", "end-550"),
        ("rcpt", "550 our version is 5.1.1", "rcpt-550"),
        ("rcpt", "550 5.1.1.1 is no status", "rcpt-550"),
        ("data", "-1 what", "data-malformed"),
    ],
)
def test_the_answer_is_told_by_its_codes_and_never_by_its_words(step, reply, answer):
    assert judged(step, reply).answer == answer
