"""From what is kept to the mail server and back, with the real ones of both."""

from dataclasses import replace

from shared.clock import utc_now
from tests.factories import a_notification, a_registration, an_erasure
from tests.notify.conftest import sending
from tests.notify.mail_server import body
from tests.notify.states import all_in, statuses, with_contacts
from tests.waiting import eventually_async


async def test_what_is_kept_is_sent_at_once_and_shown_as_sent(parts, mail_server):
    instance = parts(poll_seconds=10)
    notification = a_notification()
    async with sending(instance):
        await instance.handler.keep(with_contacts([notification]))
        await eventually_async(lambda: all_in("sent", instance, notification))

    [mail], [status] = mail_server.mails, await statuses(instance, notification)
    assert mail["X-Application-Id"] == notification.application_id
    assert mail["Message-ID"] == status.message_id
    assert status.sent_at <= utc_now()


async def test_the_mail_is_in_the_language_of_the_contact_known_when_it_is_sent(parts, mail_server):
    instance = parts()
    notification = a_notification()
    await instance.handler.keep([notification, a_registration(notification)])
    await instance.handler.keep([a_registration(notification, 2, language="zh-Hant")])

    async with sending(instance):
        await eventually_async(lambda: mail_server.mails)

    assert "資助資格" in body(mail_server.mails[0])


async def test_many_are_each_sent_once_through_several_connections(parts, mail_server):
    instance = parts(connections=4, batch=30)
    kept = [a_notification() for _ in range(200)]
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))

    sent = [mail["X-Application-Id"] for mail in mail_server.mails]
    assert sorted(sent) == sorted(each.application_id for each in kept)
    assert 1 < mail_server.sessions <= 8


async def test_several_instances_share_the_work_and_send_nothing_twice(parts, mail_server):
    instances = [parts(connections=2, batch=20) for _ in range(3)]
    kept = [a_notification() for _ in range(150)]
    await instances[0].handler.keep(with_contacts(kept))

    async with sending(instances[0]), sending(instances[1]), sending(instances[2]):
        await eventually_async(lambda: all_in("sent", instances[0], *kept))

    assert len(mail_server.taken) == 150
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 150


async def test_a_message_waits_for_its_contact_and_goes_when_it_arrives(parts, mail_server):
    instance = parts(poll_seconds=10)
    notification = a_notification()
    async with sending(instance):
        await instance.handler.keep([notification])
        await eventually_async(lambda: all_in("waiting-for-contact", instance, notification))
        assert mail_server.taken == []

        await instance.handler.keep([a_registration(notification)])
        await eventually_async(lambda: all_in("sent", instance, notification))

    assert len(mail_server.taken) == 1


async def test_a_contact_that_nobody_announced_is_found_when_it_is_looked_for(parts, mail_server):
    instance = parts(contact_check_seconds=0.1)
    notification = a_notification()
    async with sending(instance):
        await instance.handler.keep([notification])
        await eventually_async(lambda: all_in("waiting-for-contact", instance, notification))

        await instance.stores.contacts.register([a_registration(notification)])
        await eventually_async(lambda: mail_server.taken)


async def test_an_erased_person_gets_no_further_message(parts, mail_server):
    instance = parts()
    waiting, later = a_notification(), a_notification()
    async with sending(instance):
        await instance.handler.keep([waiting])
        await eventually_async(lambda: all_in("waiting-for-contact", instance, waiting))

        await instance.handler.keep([an_erasure(waiting)])
        await instance.handler.keep([an_erasure(later)])
        await instance.handler.keep([later])
        await eventually_async(lambda: all_in("erased", instance, waiting, later))

    assert mail_server.taken == []
    assert {each.reason for each in await statuses(instance, waiting, later)} == {"contact-erased"}


async def test_an_erasure_also_ends_what_was_to_be_tried_again(parts, mail_server):
    instance = parts(first_retry_seconds=3600)
    notification = a_notification()
    mail_server.answers["RCPT"].append("450 later")
    async with sending(instance):
        await instance.handler.keep(with_contacts([notification]))
        await eventually_async(lambda: all_in("temporary-failure", instance, notification))

        await instance.handler.keep([an_erasure(notification)])
        await eventually_async(lambda: all_in("erased", instance, notification))


async def test_two_facts_of_one_application_are_two_mails(parts, mail_server):
    instance = parts()
    received = a_notification("received", about="received")
    decided = replace(a_notification(), application_id=received.application_id)
    await instance.handler.keep([received, decided, a_registration(received)])
    await instance.handler.keep([received, decided])

    async with sending(instance):
        await eventually_async(lambda: len(mail_server.taken) == 2)
        await instance.handler.keep([received, decided])
        [counts] = [await instance.stores.notifications.waiting()]

    assert counts["due"] == 0
    assert len({mail["Subject"] for mail in mail_server.mails}) == 2
    assert len(mail_server.taken) == 2
