"""Lag while a broker is away, hangs, and is there again; on a broker of the test's own."""

from contextlib import nullcontext

import pytest

from devstack.servers.jar_cache import kafka_classpath
from devstack.servers.kafka import kafka
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from shared.errors import TransientError
from tests.shared.lag.scene import LagScene
from tests.waiting import eventually_async

T = 1_700_000_000.0
NAMES = ("kafka", "kafka-controller")


@pytest.fixture
def broker(tmp_path_factory):
    """A stack with Kafka alone, and its address."""
    folder, ports = StackFolder(tmp_path_factory.mktemp("kafka")), free_ports(NAMES)
    jars = kafka_classpath(lambda _files: nullcontext(lambda _bytes: None))
    with Stack(folder, ports, [kafka(folder.data / "kafka", ports, jars)]) as stack:
        yield stack, f"127.0.0.1:{ports['kafka']}"


@pytest.fixture
async def scene(broker):
    scene = LagScene(broker[1])
    yield scene
    await scene.reader.close()


async def test_without_an_answer_it_says_so_and_then_goes_on_where_it_was(broker, scene):
    stack, _ = broker
    await scene.create()
    scene.write(T)
    scene.commit(0)
    before = await scene.row()

    stack.pause("kafka")
    with pytest.raises(TransientError):
        await scene.reader.read()
    stack.resume("kafka")
    assert await eventually_async(lambda: answered(scene)) == [before]

    stack.stop_program("kafka")
    with pytest.raises(TransientError):
        await scene.reader.read()
    stack.start_program("kafka")
    assert await eventually_async(lambda: answered(scene)) == [before]


async def answered(scene):
    try:
        return await scene.rows()
    except TransientError:  # coordinators are still loading, or connections are made anew
        return None
