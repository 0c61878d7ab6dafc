"""The members that a killed process left in its group are removed when it restarts."""

from contextlib import contextmanager

from confluent_kafka import Consumer
from structlog.testing import capture_logs

from shared.consumer.stale_members import process_name
from shared.settings import HttpSettings, KafkaSettings
from tests.kafka import KafkaClient
from tests.shared.faulty import FaultyCluster
from tests.shared.scene import Scene
from tests.waiting import eventually, eventually_async

FIND_COORDINATOR, GROUP_AUTHORIZATION_FAILED = 10, 30
NAME = "host-8001"


@contextmanager
def a_member_that_does_nothing(scene, client_id):
    """Join as a member that holds its partitions and delays every rebalance, for five minutes."""
    member = Consumer(
        {
            "bootstrap.servers": scene.kafka.bootstrap_servers,
            "group.id": scene.group,
            "client.id": client_id,
            "partition.assignment.strategy": "roundrobin",
        }
    )
    member.subscribe([scene.input.name])
    eventually(lambda: member.poll(0.1) or member.assignment())
    yield
    member.close()


async def test_a_restarted_process_gets_its_partitions_despite_its_stale_members(scene):
    with a_member_that_does_nothing(scene, NAME):
        scene.submit()
        async with scene.consumer(client_id=NAME):
            await eventually_async(lambda: scene.committed() == 1, in_thread=True)


async def test_members_of_other_processes_are_not_removed(scene):
    async with scene.consumer(client_id="other-host-8001", subscribers=1):
        await eventually_async(lambda: scene.client.members(scene.group), in_thread=True)
        [other] = scene.client.members(scene.group)
        async with scene.consumer(client_id=NAME, subscribers=1):
            await eventually_async(
                lambda: len(scene.client.members(scene.group)) == 2, in_thread=True
            )

            assert other.member_id in {each.member_id for each in scene.client.members(scene.group)}


async def test_a_removed_member_that_is_alive_rejoins_and_nothing_is_lost(scene):
    two = {"client_id": NAME, "subscribers": 2}
    async with scene.consumer(**two), scene.consumer(**two):
        submitted = {scene.submit() for _ in range(30)}
        await eventually_async(lambda: scene.committed() == 30, in_thread=True)
        await eventually_async(lambda: len(scene.client.members(scene.group)) == 4, in_thread=True)

    assert set(scene.decided()) == submitted


async def test_a_process_without_permission_to_describe_its_group_still_joins():
    scene = Scene("127.0.0.1:9")
    cluster = FaultyCluster(scene.input.name)
    scene.kafka = KafkaSettings(bootstrap_servers=cluster.address)
    scene.client = KafkaClient(cluster.address)
    cluster.answer_with(FIND_COORDINATOR, GROUP_AUTHORIZATION_FAILED, 1)

    with capture_logs() as logs:
        async with scene.consumer(subscribers=1):
            scene.submit()
            await eventually_async(lambda: len(scene.stored) == 1)
    cluster.stop()

    assert logs[0]["error"] == "GroupAuthorizationFailedError"


def test_the_default_client_id_is_host_and_port(monkeypatch):
    monkeypatch.setattr("shared.consumer.stale_members.gethostname", lambda: "host")

    assert process_name(HttpSettings(port=8001)) == NAME
