"""Applications and API keys in the real MongoDB."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.store.api_keys import ApiKey, MongoApiKeys, Right
from services.intake.store.applications import MongoApplications
from shared.outbox.store import Unpublished
from tests.factories import NOW
from tests.intake.acceptances import an_acceptance


@pytest.fixture
def applications(database):
    return MongoApplications(database["applications"])


async def test_application_and_unpublished_events_are_one_document(database, applications):
    acceptance = an_acceptance()

    await applications.keep([acceptance])

    [document] = await database["applications"].find().to_list(None)
    assert document["_id"] == "a"
    assert document["application"] == acceptance.application
    assert await applications.outbox.due(acceptance.accepted_at, 10) == [
        Unpublished("a", acceptance.events)
    ]


async def test_each_is_answered_in_order_and_only_the_first_of_an_id_is_new(applications):
    await applications.keep([an_acceptance("known", b"old")])

    receipts = await applications.keep(
        [
            an_acceptance("a", b"1"),
            an_acceptance("known", b"other"),
            an_acceptance("a", b"2"),
            an_acceptance("b", b"3"),
        ]
    )

    assert [(each.application_id, each.fingerprint, each.is_new) for each in receipts] == [
        ("a", b"1", True),
        ("known", b"old", False),
        ("a", b"1", False),
        ("b", b"3", True),
    ]


async def test_a_repeat_is_answered_with_what_was_kept_first(applications):
    first = an_acceptance()
    later = replace(first, received_at=NOW + timedelta(days=1))

    await applications.keep([first])
    [receipt] = await applications.keep([later])

    assert receipt.received_at == first.received_at


async def test_of_writers_side_by_side_exactly_one_finds_it_new(applications):
    receipts = await asyncio.gather(
        *(applications.keep([an_acceptance("a", b"%d" % n)]) for n in range(50))
    )

    assert sum(receipt.is_new for [receipt] in receipts) == 1
    assert len({receipt.fingerprint for [receipt] in receipts}) == 1


async def test_after_publishing_nothing_personal_is_kept(database, applications):
    await applications.keep([an_acceptance()])

    await applications.outbox.mark_published(["a"], NOW)

    [document] = await database["applications"].find().to_list(None)
    assert "chan" not in repr(document).lower()


async def test_api_keys_are_found_listed_and_revoked_once(database):
    keys = MongoApiKeys(database["clients"])
    key = ApiKey("k1", "Samples", b"\x00\xff", frozenset({Right.BACKDATE}), NOW)
    await keys.add(key)

    assert await keys.find("k1") == key
    assert await keys.find("k2") is None
    assert await keys.all() == [key]
    assert await keys.revoke("k2", NOW) is None
    revoked = await keys.revoke("k1", NOW)
    assert revoked == replace(key, revoked_at=NOW)
    assert await keys.revoke("k1", NOW + timedelta(days=1)) == revoked
