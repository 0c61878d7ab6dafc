"""Positions that belong to another topic of the same name stop the consumer."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.consumer.topic_check import ANOTHER_CLUSTER, ANOTHER_TOPIC
from shared.kafka.topic_ids import TopicIdentity, TopicIds
from tests.shared.scene import Scene
from tests.waiting import DEADLINE_SECONDS, eventually_async

OTHER = "AAAAAAAAAAAAAAAAAAAAAQ"


def identity(scene: Scene) -> TopicIdentity:
    """Ask another client for the identity of the topic that is read."""
    return TopicIdentity(scene.client.cluster_id(), scene.client.topic_id(scene.input.name))


def commits(scene: Scene) -> dict[int, tuple[int, str]]:
    return scene.client.commits(scene.group, scene.input.name)


async def read_three(scene: Scene) -> int:
    """Have three records of one partition read and committed; return the partition."""
    scene.submit_to_one_partition(3)
    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 3)
    [partition] = commits(scene)
    return partition


async def halts(scene: Scene, because: str) -> None:
    """Expect that the consumer stops before it has handled or committed anything."""
    before, kept = commits(scene), list(scene.stored)
    with capture_logs() as logs:
        async with scene.consumer() as consumer:
            await asyncio.wait_for(consumer.halted(), DEADLINE_SECONDS)
    assert consumer.halted_because == because
    assert commits(scene) == before
    assert scene.stored == kept
    [said] = [each for each in logs if each["event"] == "consumer.stopped"]
    assert said["belong_to"] != said["but_is"] == identity(scene).text
    metric = {"service": scene.group, "group": scene.group, "reason": because}
    assert scene.metrics.registry.get_sample_value("cppp_consumer_stopped", metric) == 1


async def test_the_id_of_the_topic_is_committed_with_each_offset(scene):
    await read_three(scene)

    assert list(commits(scene).values()) == [(3, identity(scene).text)]


async def test_a_topic_made_anew_stops_a_consumer_that_starts_with_a_position_of_the_old_one(scene):
    partition = await read_three(scene)
    of_old = commits(scene)[partition]
    await scene.make_input_anew()
    scene.submit_to_one_partition(8)
    scene.client.commit(scene.group, scene.input.name, {partition: of_old})

    await halts(scene, ANOTHER_TOPIC)
    await halts(scene, ANOTHER_TOPIC)  # and stays so until a person acts


async def test_an_idle_topic_is_checked_at_the_start_too(scene):
    partition = await read_three(scene)
    scene.client.commit(
        scene.group,
        scene.input.name,
        {partition: (3, TopicIdentity(scene.client.cluster_id(), OTHER).text)},
    )

    await halts(scene, ANOTHER_TOPIC)


async def test_a_position_of_this_topic_that_another_client_wrote_goes_on(scene):
    partition = await read_three(scene)
    scene.client.commit(scene.group, scene.input.name, commits(scene))
    new = scene.submit_to_one_partition(1)

    async with scene.consumer():
        await eventually_async(lambda: commits(scene)[partition][0] == 4)

    assert scene.stored[-1:] == new


async def test_a_position_of_another_cluster_stops_the_consumer(scene):
    partition = await read_three(scene)
    elsewhere = TopicIdentity("another-cluster", identity(scene).topic_id)
    scene.client.commit(scene.group, scene.input.name, {partition: (3, elsewhere.text)})
    scene.submit_to_one_partition(2)

    await halts(scene, ANOTHER_CLUSTER)


@pytest.mark.parametrize("records", [8, 1], ids=["longer", "shorter"])
async def test_a_topic_made_anew_stops_a_consumer_that_runs(scene, records):
    scene.submit_to_one_partition(3)
    async with scene.consumer() as consumer:
        await eventually_async(lambda: scene.committed() == 3)
        await scene.make_input_anew()
        scene.submit_to_one_partition(records)
        await asyncio.wait_for(consumer.halted(), DEADLINE_SECONDS)

    assert consumer.halted_because == ANOTHER_TOPIC


@pytest.mark.parametrize("metadata", ["", "what another tool wrote"])
async def test_a_position_without_an_id_is_adopted_once(scene, metadata):
    partition = await read_three(scene)
    scene.client.commit(scene.group, scene.input.name, {partition: (3, metadata)})

    with capture_logs() as logs:
        async with scene.consumer():  # it adopts without any new record
            await eventually_async(lambda: commits(scene)[partition] == (3, identity(scene).text))
        async with scene.consumer():
            new = scene.submit_to_one_partition(1)
            await eventually_async(lambda: scene.committed() == 4)

    adopted = [each for each in logs if each["event"] == "consumer.positions_adopted"]
    assert [each["without_topic_id"] for each in adopted] == [[f"{scene.input.name}/{partition}@3"]]
    assert scene.stored[-1:] == new


async def test_a_topic_of_which_nothing_was_read_may_be_made_anew(scene):
    async with scene.consumer() as consumer:
        await eventually_async(lambda: consumer.has_joined)
        await scene.make_input_anew()
        new = scene.submit_to_one_partition(2)
        await eventually_async(lambda: scene.stored == new)

    assert consumer.halted_because == ""


async def test_while_ids_cannot_be_asked_for_nothing_is_handled_and_then_everything(
    scene, monkeypatch
):
    of, refusals = TopicIds.of, [TimeoutError] * 3

    async def refusing(ids, topics):
        if refusals:
            monkeypatch.setattr(ids, "_ask", failing)
        else:
            monkeypatch.setattr(ids, "_ask", TopicIds._ask.__get__(ids))  # noqa: SLF001  # itself
        return await of(ids, topics)

    async def failing(_topics):
        assert scene.stored == []
        raise refusals.pop()

    monkeypatch.setattr(TopicIds, "of", refusing)
    submitted = scene.submit()
    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: scene.committed() == 1)

    assert scene.stored == [submitted]
    assert refusals == []


async def test_brokers_that_know_no_ids_are_read_as_before(scene, monkeypatch):
    async def too_old(_ids, _topics):
        raise NotImplementedError

    monkeypatch.setattr(TopicIds, "_ask", too_old)
    await read_three(scene)

    assert list(commits(scene).values()) == [(3, "")]
