"""What ends older messages, on a real server and through both drivers."""

import asyncio
from itertools import permutations

import pytest

from services.notify.model import Standing
from services.notify.rules import notification_about
from services.notify.store.lifecycles import MongoStandings
from tests.factories import NOW, a_submission
from tests.notify.notices import amended, eligibility_decided, withdrawn

ID = "00000000-0000-0000-0000-000000000001"


def told(fact):
    return notification_about(fact, NOW)


SECOND, THIRD, WITHDRAWAL = told(amended(ID)), told(amended(ID, 3)), told(withdrawn(ID, 4))


@pytest.fixture
def standings(any_database):
    return MongoStandings(any_database["standings"])


async def test_an_application_that_is_as_submitted_has_none(standings):
    await standings.keep([told(a_submission(application_id=ID)), told(eligibility_decided())])
    await standings.keep([])

    assert await standings.find([ID]) == {}


@pytest.mark.parametrize("order", list(permutations([SECOND, THIRD, WITHDRAWAL])))
async def test_the_newest_version_and_a_withdrawal_stay_whatever_the_order(standings, order):
    for each in order:
        await standings.keep([each])

    assert await standings.find([ID]) == {ID: Standing(4, is_withdrawn=True)}


async def test_a_decision_on_a_newer_version_shows_that_there_is_one(standings):
    await standings.keep([told(eligibility_decided(version=2))])

    assert await standings.find([ID]) == {ID: Standing(2, is_withdrawn=False)}


async def test_instances_that_keep_one_at_the_same_time_do_not_disturb_each_other(any_database):
    instances = [MongoStandings(any_database["standings"]) for _ in range(8)]
    versions = range(2, 26)

    await asyncio.gather(
        *(
            instances[each % 8].keep([told(amended(ID, each)), told(withdrawn(ID, each))])
            for each in versions
        )
    )

    assert await instances[0].find([ID]) == {ID: Standing(25, is_withdrawn=True)}
