"""A daily limit for all instances, and one for each second."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.delivery.limits import SendLimits
from services.notify.rules import Allowance
from services.notify.store.daily_counts import MongoDailyCounts
from shared.clock import utc_now
from tests.factories import a_notification
from tests.notify.conftest import sending
from tests.notify.states import all_in, statuses, with_contacts
from tests.waiting import eventually_async

TODAY = date(2026, 11, 2)
DAILY_LIMIT = 7


@pytest.fixture
def counts(any_database):
    return MongoDailyCounts(any_database["days"])


async def test_instances_that_reserve_at_once_get_exactly_the_limit(any_database):
    instances = [MongoDailyCounts(any_database["days"]) for _ in range(8)]

    granted = await asyncio.gather(*(each.reserve(TODAY, 30, 100) for each in instances))

    assert sum(granted) == 100
    assert await instances[0].count(TODAY) == 100


async def test_each_day_has_its_own_count(counts):
    await counts.reserve(TODAY, 100, 100)

    assert await counts.reserve(TODAY, 1, 100) == 0
    assert await counts.reserve(TODAY + timedelta(days=1), 1, 100) == 1


async def test_what_is_given_back_can_be_reserved_again(counts):
    await counts.reserve(TODAY, 100, 100)
    await counts.release(TODAY, 40)

    assert await counts.reserve(TODAY, 100, 100) == 40


async def test_a_limit_that_was_lowered_grants_nothing_and_forgets_nothing(counts):
    await counts.reserve(TODAY, 50, 100)

    assert await counts.reserve(TODAY, 10, 20) == 0
    assert await counts.count(TODAY) == 50


async def test_the_day_is_that_of_hong_kong(counts):
    moment = datetime(2026, 11, 2, 15, 59, tzinfo=UTC)
    limits = SendLimits(counts, Allowance(per_day=10), lambda: moment)
    await limits.reserve(10)
    assert await limits.free_today(5) == 0

    moment = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # midnight in Hong Kong

    assert await limits.free_today(5) == 5


async def test_without_a_limit_nothing_is_counted(counts, any_database):
    limits = SendLimits(counts, Allowance(), utc_now)

    assert await limits.free_today(5) == await limits.reserve(5) == 5
    assert await any_database["days"].find().to_list(9) == []


async def test_what_is_over_the_daily_limit_waits_for_the_next_day(parts, mail_server):
    ahead = timedelta(0)
    instances = [
        parts(now=lambda: utc_now() + ahead, daily_limit=DAILY_LIMIT, batch=5) for _ in range(2)
    ]
    kept = [a_notification() for _ in range(10)]
    await instances[0].handler.keep(with_contacts(kept))
    async with sending(instances[0]), sending(instances[1]):
        await eventually_async(lambda: sent(instances[0], kept))  # recorded, not only taken
        await eventually_async(lambda: held_seconds(instances[0], "day"))
        assert (await instances[0].stores.notifications.waiting())["due"] == 3

        ahead = timedelta(days=1)
        await eventually_async(lambda: all_in("sent", instances[0], *kept))

    assert len(mail_server.taken) == 10


async def sent(parts, kept):
    return [each.state for each in await statuses(parts, *kept)].count("sent") == DAILY_LIMIT


def held_seconds(parts, per):
    return parts.metrics.registry.get_sample_value(
        "cppp_email_limit_waiting_seconds_total", {"service": "notify", "per": per}
    )


async def test_no_more_begin_in_a_second_than_may(parts, mail_server):
    instance = parts(limit_per_second=20)
    kept = [a_notification() for _ in range(11)]
    await instance.handler.keep(with_contacts(kept))
    began = asyncio.get_running_loop().time()

    async with sending(instance):
        await eventually_async(lambda: len(mail_server.taken) == 11)

    assert asyncio.get_running_loop().time() - began >= 0.5
    assert held_seconds(instance, "second") > 0


async def test_stopping_does_not_wait_for_a_limit(parts, mail_server):
    instance = parts(limit_per_second=0.01)
    kept = [a_notification() for _ in range(3)]
    await instance.handler.keep(with_contacts(kept))
    began = asyncio.get_running_loop().time()

    async with sending(instance):
        await eventually_async(lambda: mail_server.taken)

    assert asyncio.get_running_loop().time() - began < 10
    assert (await instance.stores.notifications.waiting())["due"] == 2
