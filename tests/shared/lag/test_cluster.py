"""The requests about groups, beside those of aiokafka's admin client."""

from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import JoinGroupRequest, SyncGroupRequest

from shared.lag.cluster import Cluster


@pytest.fixture
async def groups(scene, infra):
    """Two groups with a member each."""
    await scene.create()
    names = [f"test-{uuid4().hex[:12]}" for _ in range(2)]
    async with AsyncExitStack() as stack:
        for each in names:
            consumer = AIOKafkaConsumer(
                scene.topic, bootstrap_servers=infra.kafka_bootstrap_servers, group_id=each
            )
            await stack.enter_async_context(consumer)
            await consumer.getmany(timeout_ms=0)
        yield names


async def test_several_groups_are_described_at_once(scene, groups):
    cluster = await Cluster.connect(scene.settings)
    await cluster.refresh()
    [node] = await cluster.groups()
    found = await cluster.describe(node, groups)
    await cluster.close()

    assert {each.name: (each.members, each.topics) for each in found} == dict.fromkeys(
        groups, (1, frozenset({scene.topic}))
    )


@pytest.mark.parametrize("metadata", [b"\xff", b""])
async def test_a_member_may_tell_nothing_of_its_topics(scene, metadata):
    """Kafka accepts whatever a client writes there."""
    group = f"test-{uuid4().hex[:12]}"
    cluster = await Cluster.connect(scene.settings)
    await cluster.refresh()
    [node] = await cluster.groups()
    await join(cluster, node, group, metadata)
    [found] = await cluster.describe(node, [group])
    await cluster.close()

    assert (found.members, found.topics) == (1, frozenset())


async def join(cluster, node, group, metadata):
    joining = ("consumer", [("odd", metadata)])

    async def ask(member):
        return await cluster.send(
            node, JoinGroupRequest(group, 30_000, 30_000, member, None, *joining)
        )

    first = await ask("")
    answer = await ask(first.member_id) if first.error_code else first
    synced = SyncGroupRequest(
        group, answer.generation_id, answer.member_id, None, [(answer.member_id, b"")]
    )
    assert not (await cluster.send(node, synced)).error_code


async def test_the_admin_client_cannot_describe_several_groups_at_once(infra, groups):
    admin = AIOKafkaAdminClient(bootstrap_servers=infra.kafka_bootstrap_servers)
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups(groups)
        read = {each["group"]: len(each["members"]) for each in answer.to_object()["groups"]}
    except Exception as error:  # noqa: BLE001 - whatever the misread bytes lead to
        read = error
    await admin.close()

    assert read != dict.fromkeys(groups, 1)
