"""What ends older messages, on a real server and through both drivers."""

import asyncio
from itertools import permutations

import pytest

from services.notify.model import Lifecycle
from services.notify.rules import notification_about
from services.notify.store.lifecycles import MongoLifecycles
from tests.factories import NOW, a_submission, amended, eligibility_decided, withdrawn

ID = "00000000-0000-0000-0000-000000000001"


def notification_of(fact):
    return notification_about(fact, NOW)


SECOND, THIRD, WITHDRAWAL = (
    notification_of(amended(ID)),
    notification_of(amended(ID, 3)),
    notification_of(withdrawn(ID, 4)),
)


@pytest.fixture
def lifecycles(any_database):
    return MongoLifecycles(any_database["standings"])


async def test_an_application_that_is_as_submitted_has_none(lifecycles):
    await lifecycles.keep(
        [notification_of(a_submission(application_id=ID)), notification_of(eligibility_decided())]
    )
    await lifecycles.keep([])

    assert await lifecycles.find([ID]) == {}


@pytest.mark.parametrize("order", list(permutations([SECOND, THIRD, WITHDRAWAL])))
async def test_the_newest_version_and_a_withdrawal_stay_whatever_the_order(lifecycles, order):
    for each in order:
        await lifecycles.keep([each])

    assert await lifecycles.find([ID]) == {ID: Lifecycle(4, is_withdrawn=True)}


async def test_a_decision_on_a_newer_version_shows_that_there_is_one(lifecycles):
    await lifecycles.keep([notification_of(eligibility_decided(version=2))])

    assert await lifecycles.find([ID]) == {ID: Lifecycle(2, is_withdrawn=False)}


async def test_instances_that_keep_one_at_the_same_time_do_not_disturb_each_other(any_database):
    instances = [MongoLifecycles(any_database["standings"]) for _ in range(8)]
    versions = range(2, 26)

    await asyncio.gather(
        *(
            instances[each % 8].keep(
                [notification_of(amended(ID, each)), notification_of(withdrawn(ID, each))]
            )
            for each in versions
        )
    )

    assert await instances[0].find([ID]) == {ID: Lifecycle(25, is_withdrawn=True)}
