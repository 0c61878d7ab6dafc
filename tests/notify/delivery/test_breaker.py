"""Whom the server refuses, and when sending stops."""

import asyncio

import pytest

from services.notify.delivery.breaker import NEARLY_ALL_REFUSED, Breaker, BreakerTuning
from services.notify.model import Rejection
from services.notify.smtp.refusals import judge
from shared.errors import AbandonedError
from tests.waiting import DEADLINE_SECONDS

RELAY_DENIED = judge("rcpt", 554, "5.7.1 Relay access denied")
BARE = judge("rcpt", 550, "no")
NO_SUCH_USER = judge("rcpt", 550, "5.1.1 no such user")
TUNING = BreakerTuning(in_a_row=5, first_probe_seconds=0.01, longest_probe_seconds=0.02)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(TUNING, clock=clock)


def abouts(breaker, rejection, *domains):
    return [breaker.judge(rejection, each).about for each in domains]


def test_one_domain_that_refuses_us_is_its_own_affair(breaker):
    assert set(abouts(breaker, RELAY_DENIED, *["a.example"] * 500)) == {"domain"}
    assert not breaker.reason


def test_the_same_answer_to_several_domains_is_about_us(breaker):
    assert abouts(breaker, RELAY_DENIED, "a.example", "b.example", "a.example") == [
        "domain",
        "server",
        "server",
    ]
    assert breaker.reason == "rcpt-554-5.7.1"
    assert not breaker.is_open


def test_a_domain_that_accepts_a_mail_again_refuses_us_no_more(breaker):
    abouts(breaker, RELAY_DENIED, "a.example", "b.example")

    breaker.accepted("b.example")

    assert not breaker.reason
    assert abouts(breaker, RELAY_DENIED, "a.example") == ["domain"]


def test_a_refusal_of_us_that_nobody_meets_any_more_is_no_longer_shown(breaker, clock):
    abouts(breaker, RELAY_DENIED, "a.example", "b.example")

    clock.seconds += TUNING.shown_seconds + 1

    assert not breaker.reason


def test_a_bare_550_is_the_mailboxs_unless_several_domains_get_it(breaker):
    assert abouts(breaker, BARE, "a.example", "a.example", "b.example") == [
        "mailbox",
        "mailbox",
        "server",
    ]


def test_a_bare_550_stays_the_mailboxs_while_the_server_accepts_other_mails(breaker):
    for number in range(50):
        assert abouts(breaker, BARE, f"{number}.example") == ["mailbox"]
        breaker.accepted("other.example")


def test_a_temporary_refusal_by_policy_never_stops_sending(breaker):
    greylisted = judge("rcpt", 450, "4.7.1 come back later")

    abouts(breaker, greylisted, *(f"{each}.example" for each in range(100)))

    assert not breaker.is_open


@pytest.mark.parametrize("rejection", [RELAY_DENIED, BARE, NO_SUCH_USER])
def test_sending_stops_when_all_domains_refuse(breaker, rejection):
    abouts(breaker, rejection, *(f"{each}.example" for each in range(6)))

    assert breaker.is_open


def test_sending_stops_when_nearly_everything_is_refused(breaker):
    for number in range(25):
        if number % 20 == 0:
            breaker.accepted("a.example")
        for domain in ("b.example", "c.example"):
            breaker.judge(NO_SUCH_USER, domain)

    assert breaker.reason == NEARLY_ALL_REFUSED


def test_sending_goes_on_while_half_is_accepted(breaker):
    for number in range(500):
        breaker.judge(NO_SUCH_USER, f"{number}.example")
        breaker.accepted("a.example")

    assert not breaker.is_open


@pytest.mark.parametrize("code", [421, 451, 550, 553])
def test_a_refusal_before_the_recipient_stops_sending_at_once(breaker, code):
    assert abouts(breaker, judge("mail", code), "a.example") == ["server"]
    assert breaker.reason == f"mail-{code}"


async def test_while_stopped_one_mail_at_a_time_is_a_probe(breaker):
    closing = asyncio.Event()
    breaker.judge(judge("mail", 550), "a.example")

    assert await breaker.pass_through(closing) is True
    others = [asyncio.create_task(breaker.pass_through(closing)) for _ in range(3)]
    await asyncio.sleep(0.1)  # nothing may happen meanwhile
    assert not any(each.done() for each in others)

    breaker.accepted("a.example", is_probe=True)
    breaker.end_probe()

    assert await asyncio.gather(*others) == [False] * 3
    assert await breaker.pass_through(closing) is False


def test_a_mail_that_was_under_way_does_not_end_a_stop(breaker):
    breaker.judge(judge("mail", 550), "a.example")

    breaker.accepted("a.example")

    assert breaker.is_open


async def test_a_probe_that_is_refused_is_followed_by_another(breaker):
    closing = asyncio.Event()
    breaker.judge(judge("mail", 550), "a.example")

    for _ in range(3):
        assert await breaker.pass_through(closing) is True
        breaker.judge(judge("mail", 550), "a.example")
        breaker.end_probe()


async def test_stopping_the_service_ends_the_wait(breaker):
    closing = asyncio.Event()
    breaker.judge(judge("mail", 550), "a.example")
    await breaker.pass_through(closing)
    waiting = asyncio.create_task(breaker.pass_through(closing))
    await asyncio.sleep(0)

    closing.set()

    with pytest.raises(AbandonedError):
        await asyncio.wait_for(waiting, DEADLINE_SECONDS)


def test_what_is_temporary_counts_for_nothing(breaker):
    assert (
        abouts(breaker, Rejection("timed-out"), *["a.example", "b.example"] * 50) == ["later"] * 100
    )
    assert not breaker.reason
