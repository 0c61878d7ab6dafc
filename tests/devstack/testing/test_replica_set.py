"""Three mongods: what one of them confirmed outlives it."""

import pytest
from pymongo import MongoClient

from devstack.errors import StackError
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.replica_set import MEMBERS, ReplicaSet
from devstack.waiting import wait_until

pytestmark = pytest.mark.plays

ELECTION_SECONDS = 40


@pytest.fixture
def replica_set(folder):
    return ReplicaSet(folder.data, free_ports(MEMBERS))


@pytest.mark.timeout(120)
def test_the_set_goes_on_after_a_step_down_and_after_kill_9_of_its_primary(folder, replica_set):
    with (
        Stack(folder, replica_set.ports, replica_set.programs()) as stack,
        MongoClient(replica_set.url, w="majority", journal=True) as client,
    ):
        things = client.test.things
        things.insert_one({"_id": "at first"})

        stepped_down = replica_set.step_down()
        moved = wait_until(
            lambda: replica_set.primary() not in {None, stepped_down}, ELECTION_SECONDS
        )
        things.insert_one({"_id": "stepped down"})

        killed = replica_set.primary()
        stack.kill(killed)
        things.insert_one({"_id": "killed"})
        stack.wait_ready(killed)

        assert moved
        assert {each["_id"] for each in things.find()} == {"at first", "stepped down", "killed"}


def test_without_a_primary_nobody_steps_down(replica_set):
    with pytest.raises(StackError, match="no primary"):
        replica_set.step_down()
