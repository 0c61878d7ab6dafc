"""How a broker is started."""

import pytest

from devstack.servers.kafka import Node, kafka, settings

FAST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1"


@pytest.mark.parametrize("at_full_speed", [True, False])
def test_a_broker_starts_with_the_full_compiler_only_at_full_speed(tmp_path, at_full_speed):
    ports = {"kafka": 9092, "kafka-controller": 9093}
    jar = tmp_path / "kafka.jar"
    jar.touch()

    program = kafka(tmp_path, ports, [jar], at_full_speed=at_full_speed)

    assert (FAST_COMPILER_ONLY in program.command) is not at_full_speed


@pytest.mark.parametrize(("nodes", "milliseconds"), [(1, 10_000), (3, 500)])
def test_a_node_alone_says_seldom_that_nothing_has_happened(nodes, milliseconds):
    cluster = [Node(number, 9092 + number, 9192 + number) for number in range(nodes)]

    assert f"\nmetadata.max.idle.interval.ms={milliseconds}\n" in settings(cluster, cluster[0])
