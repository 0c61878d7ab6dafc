"""Contact persons on a real server, through either driver."""

import pytest

from services.notify.contacts import MongoContacts
from tests.factories import NOW
from tests.notify.notices import a_notification, a_recipient, a_registration


@pytest.fixture
def contacts(any_database):
    return MongoContacts(any_database["contacts"], any_database["erasures"])


async def test_a_contact_is_found_by_its_application_and_others_are_not(contacts):
    known, unknown = a_notification(), a_notification()
    registration = a_registration(known, name="陳大文", language="zh-Hant")
    await contacts.register([registration])

    found = await contacts.find([known.application_id, unknown.application_id])

    assert found == {known.application_id: registration.recipient}


async def test_a_newer_version_replaces_an_older_one_and_never_the_other_way_round(contacts):
    application = a_notification()
    for version, name in ((1, "First"), (3, "Third"), (2, "Second"), (1, "First")):
        await contacts.register([a_registration(application, version, name=name)])

    found = await contacts.find([application.application_id])

    assert found == {application.application_id: a_recipient(name="Third")}


async def test_registering_the_same_again_changes_nothing(contacts):
    registrations = [a_registration(a_notification()) for _ in range(3)]

    await contacts.register(registrations)
    await contacts.register([*registrations, a_registration(a_notification())])

    assert len(await contacts.find([each.application_id for each in registrations])) == 3


async def test_nothing_to_register_or_erase_is_no_error(contacts):
    await contacts.register([])
    await contacts.erase([], NOW)

    assert await contacts.find([]) == {}


async def test_an_erased_contact_is_gone_and_only_the_erasure_is_remembered(contacts, any_database):
    erased, kept = a_registration(a_notification()), a_registration(a_notification())
    await contacts.register([erased, kept])

    await contacts.erase([erased.application_id], NOW)
    await contacts.erase([erased.application_id], NOW)

    assert await any_database["contacts"].distinct("_id") == [kept.application_id]
    assert await contacts.erased([erased.application_id, kept.application_id]) == {
        erased.application_id
    }


async def test_a_contact_registered_after_an_erasure_is_known_again(contacts):
    registration = a_registration(a_notification())
    await contacts.register([registration])
    await contacts.erase([registration.application_id], NOW)

    await contacts.register([registration])

    assert list(await contacts.find([registration.application_id])) == [registration.application_id]


async def test_text_that_looks_like_a_database_expression_stays_text(contacts):
    hostile = a_registration(a_notification(), name="$name", email="$where@example.com")
    await contacts.register([hostile])
    newer = a_registration(a_notification(), name="x")
    await contacts.register([newer])

    found = await contacts.find([hostile.application_id])

    assert found == {hostile.application_id: hostile.recipient}


def test_a_recipient_does_not_show_in_logs():
    assert "chan" not in repr(a_recipient()).lower()
