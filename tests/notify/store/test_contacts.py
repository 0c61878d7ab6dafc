"""Contact persons on a real server, through either driver."""

import pytest

from services.notify.model import Erasure
from services.notify.store.contacts import MongoContacts
from tests.factories import A_MINUTE, NOW, a_notification, a_recipient, a_registration, an_erasure


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
    await contacts.erase([])

    assert await contacts.find([]) == {}


async def test_an_erased_contact_is_gone_and_only_the_erasure_is_remembered(contacts, any_database):
    erased, kept = a_registration(a_notification()), a_registration(a_notification())
    await contacts.register([erased, kept])

    await contacts.erase([Erasure(erased.application_id, NOW)])
    await contacts.erase([Erasure(erased.application_id, NOW)])

    assert await any_database["contacts"].distinct("_id") == [kept.application_id]
    assert await contacts.erased([erased.application_id, kept.application_id]) == {
        erased.application_id
    }


async def test_old_records_that_are_read_again_bring_nobody_back(contacts, any_database):
    application = a_notification()
    old = [a_registration(application, each, at=NOW - A_MINUTE) for each in (1, 2)]
    await contacts.register(old[:1])
    await contacts.register(old[1:])
    await contacts.erase([an_erasure(application, NOW)])

    for each in old:
        await contacts.register([each])

    assert await any_database["contacts"].find().to_list(9) == []
    assert await contacts.erased([application.application_id])


async def test_a_contact_registered_after_an_erasure_is_known_again(contacts):
    application = a_notification()
    later = a_registration(application, at=NOW + A_MINUTE, name="Lee")
    await contacts.register([a_registration(application)])
    await contacts.erase([an_erasure(application, NOW)])

    await contacts.register([later])

    assert await contacts.find([application.application_id]) == {
        application.application_id: later.recipient
    }


async def test_an_old_tombstone_that_is_read_again_erases_nobody_who_came_after_it(contacts):
    application = a_notification()
    later = a_registration(application, 2, at=NOW + A_MINUTE)
    history = [a_registration(application), an_erasure(application, NOW), later]
    for _ in range(2):
        for each in history:
            await (contacts.erase if isinstance(each, Erasure) else contacts.register)([each])

    assert list(await contacts.find([application.application_id])) == [application.application_id]


async def test_an_erasure_also_forgets_what_was_kept_before_times_were(contacts, any_database):
    application = a_notification()
    await contacts.register([a_registration(application)])
    await any_database["contacts"].update_many({}, {"$unset": {"registered_at": ""}})

    await contacts.erase([an_erasure(application)])

    assert await any_database["contacts"].find().to_list(9) == []


class OvertakenContacts(MongoContacts):
    """Contacts of which one is erased by another process while it is registered."""

    overtaking = ()

    async def _erased_since(self, registrations):
        found = await super()._erased_since(registrations)
        overtaking, self.overtaking = self.overtaking, ()
        await self.erase(overtaking)
        return found


async def test_an_erasure_in_the_middle_of_a_registration_is_not_missed(any_database):
    contacts = OvertakenContacts(any_database["contacts"], any_database["erasures"])
    application = a_notification()
    contacts.overtaking = [an_erasure(application)]

    await contacts.register([a_registration(application)])

    assert await any_database["contacts"].find().to_list(9) == []


async def test_text_that_looks_like_a_database_expression_stays_text(contacts):
    hostile = a_registration(a_notification(), name="$name", email="$where@example.com")
    await contacts.register([hostile])
    newer = a_registration(a_notification(), name="x")
    await contacts.register([newer])

    found = await contacts.find([hostile.application_id])

    assert found == {hostile.application_id: hostile.recipient}


def test_a_recipient_does_not_show_in_logs():
    assert "chan" not in repr(a_recipient()).lower()
