"""Mail servers that refuse us: nothing is failed or lost, and it goes on by itself."""

from collections import deque

import pytest

from tests.factories import a_notification, a_registration
from tests.notify.conftest import sending
from tests.notify.states import all_in, statuses
from tests.waiting import eventually_async

QUICK = {"first_retry_seconds": 0.2, "longest_retry_seconds": 0.4}


class Always(deque):
    """Gives the same reply to every command."""

    def popleft(self):
        return self[0]


def addressed(kept, *domains):
    return [
        *kept,
        *(
            a_registration(each, email=f"chan@{domains[number % len(domains)]}")
            for number, each in enumerate(kept)
        ),
    ]


async def is_refused(instance, answer):
    status = instance.sender.status
    return not await status.is_usable() and (status.kind, status.reason) == ("refuses", answer)


@pytest.mark.parametrize(
    ("command", "reply", "answer"),
    [
        ("MAIL", "550 5.1.8 Sender address rejected", "mail-550-5.1.8"),
        ("MAIL", "451 4.3.0 no", "mail-451-4.3.0"),
        ("MAIL", "530 5.7.0 authentication required", "mail-530-5.7.0"),
        ("RCPT", "504 5.5.2 Helo command rejected", "rcpt-504-5.5.2"),
        ("RCPT", "550 5.1.8 Sender address rejected", "rcpt-550-5.1.8"),
        ("RCPT", "553 5.7.1 no", "rcpt-553-5.7.1"),
        ("RCPT", "554 5.7.1 Relay access denied", "rcpt-554-5.7.1"),
        ("RCPT", "554 Client host blocked", "rcpt-554"),
        ("DATA", "554 5.7.1 no", "end-554-5.7.1"),
        ("DATA", "550 no", "end-550"),
    ],
)
async def test_a_refusal_of_us_burns_no_mail_and_ends_with_its_cause(
    parts, mail_server, command, reply, answer
):
    instance = parts(**QUICK, give_up_seconds=1)
    kept = [a_notification() for _ in range(30)]
    mail_server.answers[command] = Always([reply])
    await instance.handler.keep(addressed(kept, "a.example", "b.example", "c.example"))

    async with sending(instance):
        await eventually_async(lambda: is_refused(instance, answer))
        mail_server.answers[command] = deque()
        await eventually_async(lambda: all_in("sent", instance, *kept))
        assert await instance.sender.status.is_usable()

    assert len(mail_server.taken) == 30


async def test_when_nearly_everything_is_refused_most_mails_are_kept(parts, mail_server):
    instance = parts(**QUICK, connections=4)
    kept = [a_notification() for _ in range(100)]
    mail_server.answers["RCPT"] = Always(["550 5.1.1 User unknown in virtual mailbox table"])
    domains = [f"{each}.example" for each in range(20)]
    await instance.handler.keep(addressed(kept, *domains))

    async with sending(instance):
        await eventually_async(lambda: is_refused(instance, "nearly-all-refused"))
        mail_server.answers["RCPT"] = deque()
        await eventually_async(lambda: len(mail_server.taken) > 50)

    states = [each.state for each in await statuses(instance, *kept)]
    assert states.count("permanent-failure") <= 10 + 4 + 5, (
        "the first ones, those under way, probes"
    )


async def test_one_domain_that_refuses_us_is_given_up_and_the_service_stays_ready(
    parts, mail_server
):
    instance = parts(**QUICK, give_up_seconds=1)
    kept = [a_notification() for _ in range(30)]
    mail_server.answers["RCPT"] = Always(["554 5.7.1 we do not like you"])
    await instance.handler.keep(addressed(kept, "a.example"))

    async with sending(instance):
        await eventually_async(lambda: all_in("permanent-failure", instance, *kept))
        assert await instance.sender.status.is_usable()

    assert {each.reason for each in await statuses(instance, *kept)} == {"refused-by-domain"}


async def test_content_that_is_refused_is_tried_again(parts, mail_server):
    instance = parts(**QUICK)
    kept = [a_notification()]
    mail_server.answers["DATA"].append("554 5.6.0 no")
    await instance.handler.keep(addressed(kept, "a.example"))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))
