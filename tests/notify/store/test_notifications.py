"""Notifications on a real server, through the driver of today and the one to move to."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from services.notify.events import events_of
from services.notify.model import AwaitingContact, Deferred, Failed, Sent
from services.notify.store.documents import OutcomeUpdate, as_notification
from services.notify.store.notifications import MongoNotifications
from shared.events.notify import Template
from shared.outbox.store import MongoOutbox, outbox_events
from tests.factories import A_MINUTE, NOW, REASON, a_notification

LATER = NOW + A_MINUTE
SENT = Sent("<1@cppp.example>", "en", NOW)


@pytest.fixture
async def store(any_database):
    store = MongoNotifications(any_database["notifications"], "this")
    await store.prepare()
    await store.prepare()
    return store


@pytest.fixture
def other(any_database):
    """The same notifications as another instance sees them."""
    return MongoNotifications(any_database["notifications"], "other")


async def state_of(store, notification):
    [status] = await store.of(notification.application_id)
    return status.state


async def test_what_is_kept_is_claimed_as_it_was(store):
    notification = a_notification("referred", details={"reasons": (REASON,)}, traceparent="00-1")

    await store.keep([notification], NOW)

    assert await store.claim(NOW, LATER, 10) == [notification]


@pytest.mark.parametrize("template", get_args(Template))
async def test_every_kind_of_message_is_read_back_as_it_was_kept(store, template):
    notification = a_notification(template)

    await store.keep([notification], NOW)

    assert await store.claim(NOW, LATER, 10) == [notification]


async def test_a_detail_that_release_0_1_0_does_not_know_is_stored_apart(store, any_database):
    notification = a_notification("eligible", details={"requested_cents": 70_000})

    await store.keep([notification], NOW)
    document = await any_database["notifications"].find_one()

    assert "requested_cents" not in document["details"]
    assert await store.claim(NOW, LATER, 10) == [notification]


async def test_a_notification_of_a_later_release_is_read_without_its_new_details(
    store, any_database
):
    notification = a_notification("eligible", details={"requested_cents": 70_000})
    await store.keep([notification], NOW)
    moved = {"details.requested_cents": 70_000, "details.of_a_later_release": 1}
    await any_database["notifications"].update_many(
        {}, {"$set": moved, "$unset": {"added_details": ""}}
    )

    assert await store.claim(NOW, LATER, 10) == [notification]


async def test_a_notification_once_kept_is_never_kept_otherwise(store):
    first = a_notification("eligible")
    other = replace(first, template="ineligible")

    await store.keep([first, other], NOW)
    await store.keep([other], NOW)

    assert await store.claim(NOW, LATER, 10) == [first]


async def test_what_was_kept_while_the_clock_was_far_ahead_is_due_all_the_same(store, other):
    kept, claimed = a_notification("eligible"), a_notification("received")
    await store.keep([claimed], NOW)
    assert await other.claim(NOW, NOW + timedelta(hours=2), 10) == [claimed]
    await store.keep([kept], NOW + timedelta(hours=2))

    assert await store.claim(NOW, LATER, 10) == [kept]


async def test_nothing_to_keep_is_no_error(store):
    await store.keep([], NOW)

    assert await store.claim(NOW, LATER, 10) == []


async def test_what_is_claimed_is_nobody_elses_until_the_claim_expires(store, other):
    notification = a_notification()
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)

    assert await other.claim(NOW, LATER, 10) == []
    assert await other.claim(LATER, LATER + A_MINUTE, 10) == [notification]


async def test_instances_that_claim_at_once_share_the_work_without_doubles(store, any_database):
    instances = [
        MongoNotifications(any_database["notifications"], f"instance-{each}") for each in range(8)
    ]
    kept = [a_notification() for _ in range(200)]
    await store.keep(kept, NOW)

    claims = await asyncio.gather(*(each.claim(NOW, LATER, 150) for each in instances))

    ids = [each.id for claimed in claims for each in claimed]
    assert len(ids) == len(set(ids))
    rest = await store.claim(NOW, LATER, 200)
    assert {*ids, *(each.id for each in rest)} == {each.id for each in kept}


async def test_the_longest_due_is_claimed_first(store):
    early, late = a_notification(), a_notification()
    await store.keep([late], NOW)
    await store.keep([early], NOW - A_MINUTE)

    assert await store.claim(NOW, LATER, 1) == [early]


async def test_a_sent_notification_shows_when_and_as_what_and_is_never_due_again(store):
    notification = a_notification()
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)

    await store.store_outcomes([OutcomeUpdate(notification.id, SENT)], NOW)

    [status] = await store.of(notification.application_id)
    assert (status.state, status.sent_at, status.message_id) == ("sent", NOW, "<1@cppp.example>")
    assert await store.claim(NOW + timedelta(days=999), LATER, 10) == []


async def test_notifications_sent_together_keep_each_its_own_outcome_and_events(
    store, any_database
):
    kept = [a_notification() for _ in range(5)]
    await store.keep(kept, NOW)
    await store.claim(NOW, LATER, 10)
    *sent, failed, unsent = kept
    outcomes = {each.id: replace(SENT, message_id=f"<{each.id}@x>") for each in sent}
    updates = [
        OutcomeUpdate(each.id, outcomes[each.id], events_of(each, outcomes[each.id]))
        for each in sent
    ]

    await store.store_outcomes([*updates, OutcomeUpdate(failed.id, Failed("smtp-550", NOW))], NOW)

    for each in sent:
        document = await any_database["notifications"].find_one({"_id": each.id})
        outcome = outcomes[each.id]
        assert (document["state"], document["message_id"]) == ("sent", outcome.message_id)
        assert outbox_events(document["outbox"]) == events_of(each, outcome)
        assert not document.keys() & {"claim", "due_at"}
        assert as_notification(document) == each
    assert await state_of(store, failed) == "permanent-failure"
    assert await state_of(store, unsent) == "sending"


async def test_a_deferred_notification_is_due_again_with_what_it_went_through(store):
    notification = a_notification()
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)

    await store.store_outcomes(
        [OutcomeUpdate(notification.id, Deferred("smtp-451", 3, NOW, LATER))], NOW
    )

    assert await state_of(store, notification) == "temporary-failure"
    assert await store.claim(LATER - timedelta(milliseconds=1), LATER, 10) == []
    [claimed] = await store.claim(LATER, LATER + A_MINUTE, 10)
    assert (claimed.attempts, claimed.failing_since) == (3, NOW)


@pytest.mark.parametrize("state", ["permanent-failure", "erased"])
async def test_a_failed_notification_says_why_and_is_never_due_again(store, state):
    notification = a_notification()
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)

    await store.store_outcomes(
        [OutcomeUpdate(notification.id, Failed("smtp-550", NOW, state))], NOW
    )

    [status] = await store.of(notification.application_id)
    assert (status.state, status.reason) == (state, "smtp-550")
    assert await store.claim(NOW + timedelta(days=999), LATER, 10) == []


async def test_a_contact_releases_what_waited_for_it_and_what_failed_for_a_while(store):
    waiting, failing, sent = (a_notification() for _ in range(3))
    await store.keep([waiting, failing, sent], NOW)
    await store.claim(NOW, LATER, 10)
    await store.store_outcomes(
        [
            OutcomeUpdate(waiting.id, AwaitingContact(NOW + timedelta(days=1))),
            OutcomeUpdate(failing.id, Deferred("smtp-450", 1, NOW, NOW + timedelta(days=1))),
            OutcomeUpdate(sent.id, SENT),
        ],
        NOW,
    )
    ids = [each.application_id for each in (waiting, failing, sent)]

    assert await store.make_due(ids, NOW)

    claimed = await store.claim(NOW, LATER, 10)
    assert {each.id for each in claimed} == {waiting.id, failing.id}
    assert not await store.make_due(ids, NOW), "what is being sent is not released"


async def test_the_outcome_of_a_lost_claim_changes_nothing(store, other):
    notification = a_notification()
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)
    await other.claim(LATER, LATER + A_MINUTE, 10)

    await store.store_outcomes([OutcomeUpdate(notification.id, Failed("smtp-550", NOW))], NOW)

    assert await state_of(store, notification) == "sending"


async def test_what_is_given_back_is_due_at_once_unless_another_has_it(store, other):
    mine, lost = a_notification(), a_notification()
    await store.keep([lost], NOW)
    await store.claim(NOW, LATER, 10)
    await other.claim(LATER, LATER + A_MINUTE, 10)
    await store.keep([mine], NOW)
    await store.claim(NOW, LATER, 10)

    await store.release_claims([mine.id, lost.id], NOW)

    assert await other.claim(NOW, LATER, 10) == [mine]


async def test_an_end_is_kept_together_with_the_event_that_tells_it(store, any_database):
    notification = a_notification(traceparent="00-1")
    outbox = MongoOutbox(any_database["notifications"])
    events = events_of(notification, SENT)
    await store.keep([notification], NOW)
    await store.claim(NOW, LATER, 10)

    await store.store_outcomes([OutcomeUpdate(notification.id, SENT, events)], NOW)

    [unpublished] = await outbox.due(NOW, 10)
    assert (unpublished.id, list(unpublished.events)) == (notification.id, events)


async def test_notifications_show_in_the_order_of_their_facts(store):
    first = a_notification("received", about="received")
    second = replace(first, about="eligibility", template="eligible", occurred_at=LATER)
    await store.keep([second, first, a_notification()], NOW)

    found = await store.of(first.application_id)

    assert [each.template for each in found] == ["received", "eligible"]


async def test_what_is_not_finished_is_counted_by_state(store):
    kept = [a_notification() for _ in range(5)]
    await store.keep(kept[:4], NOW)
    await store.claim(NOW, LATER, 10)
    await store.keep(kept[4:], NOW)
    await store.store_outcomes(
        [OutcomeUpdate(kept[0].id, SENT), OutcomeUpdate(kept[1].id, AwaitingContact(LATER))], NOW
    )

    assert await store.waiting() == {
        "due": 1,
        "waiting-for-contact": 1,
        "sending": 2,
        "temporary-failure": 0,
    }


async def test_what_is_due_is_found_by_index_and_finished_ones_are_not_in_it(store, any_database):
    kept = [a_notification() for _ in range(20)]
    await store.keep(kept, NOW)
    await store.claim(NOW, LATER, 19)
    await store.store_outcomes([OutcomeUpdate(each.id, SENT) for each in kept], NOW)

    due = any_database["notifications"].find({"due_at": {"$lte": NOW}}).sort("due_at")
    plan = await any_database.command(
        "explain",
        {"find": "notifications", "filter": {"due_at": {"$lte": NOW}}, "sort": {"due_at": 1}},
        verbosity="executionStats",
    )

    assert len(await due.to_list(100)) == 1
    assert plan["executionStats"]["totalKeysExamined"] <= 2
    assert plan["executionStats"]["totalDocsExamined"] == 1
