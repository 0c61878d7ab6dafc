"""Which mails may be sent again."""

import pytest

from services.notify.delivery.recipients import RecipientResolver, ResolverSettings
from services.notify.model import Deferred, Sent
from services.notify.resending.plan import make_plan
from services.notify.store.records import Criteria, MongoMailRecords
from shared.clock import utc_now
from tests.factories import NOW, a_notification, a_registration, an_erasure
from tests.notify.resending.stored import ended, failed

SENT = Sent("<1@cppp.example>", "en", NOW)


@pytest.fixture
def plan_of(parts, database):
    """Make a plan for a notification with a contact, and say what refuses it, if anything."""

    async def plan(notification, *, again=False):
        resolver = RecipientResolver(parts().stores, ResolverSettings(), utc_now)
        [record] = await MongoMailRecords(database["notifications"]).find(
            Criteria(application=notification.application_id), 10
        )
        made = await make_plan([record], resolver, again=again)
        assert len(made.todo) + len(made.refused) == 1
        return made.refused[0][1] if made.refused else ""

    return plan


@pytest.fixture
def stored(parts, database):
    async def store(*outcomes, contact=True, is_announced=True, **changes):
        notification = a_notification(**changes)
        if contact:
            await parts().stores.contacts.register([a_registration(notification)])
        await ended(database["notifications"], notification, *outcomes, is_announced=is_announced)
        return notification

    return store


async def test_what_failed_permanently_is_sent_again(stored, plan_of):
    assert await plan_of(await stored(failed("gave-up"))) == ""


@pytest.mark.parametrize("outcomes", [[], [Deferred("smtp-451", 1, NOW, NOW)]])
async def test_what_has_not_ended_goes_out_by_itself(stored, plan_of, outcomes):
    assert "goes out by itself" in await plan_of(await stored(*outcomes), again=True)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [(SENT, "was sent at 2026-11-02T01:30:00Z"), (failed("too-old", "too-old"), "too old")],
)
async def test_what_was_sent_or_too_old_is_sent_only_if_asked_for(stored, plan_of, outcome, why):
    notification = await stored(outcome)

    refused = await plan_of(notification)

    assert why in refused
    assert "--again" in refused
    assert await plan_of(notification, again=True) == ""


@pytest.mark.parametrize(
    ("state", "why"), [("erased", "was erased"), ("stopped", "withdrawn, or a newer version")]
)
async def test_what_must_not_be_sent_is_refused(stored, plan_of, state, why):
    assert why in await plan_of(await stored(failed("x", state)), again=True)


async def test_a_suppressed_address_is_refused_until_it_is_off_the_list(stored, plan_of, parts):
    notification = await stored(failed("suppressed", "suppressed"))
    suppressions = parts().stores.suppressions
    await suppressions.add(a_registration(notification).recipient.email, "refused", NOW)

    assert "suppressions remove" in await plan_of(notification)

    await suppressions.remove(a_registration(notification).recipient.email)
    assert await plan_of(notification) == ""


async def test_what_was_erased_or_withdrawn_after_the_failure_is_refused(stored, plan_of, parts):
    erased, withdrawn = await stored(failed()), await stored(failed())
    await parts().stores.contacts.erase([an_erasure(erased)])
    end = a_notification("withdrawn", application_id=withdrawn.application_id, version=2)
    await parts().stores.lifecycles.keep([end])

    assert "was erased" in await plan_of(erased)
    assert "withdrawn" in await plan_of(withdrawn)


async def test_without_a_contact_there_is_nobody_to_send_to(stored, plan_of):
    notification = await stored(failed("no-contact"), contact=False)

    assert "no contact person is known" in await plan_of(notification)


async def test_an_outcome_that_is_not_published_yet_must_not_be_overtaken(stored, plan_of):
    notification = await stored(failed(), is_announced=False)

    assert "not published yet" in await plan_of(notification)
