"""Ports: fixed for a person, free for a test, and reported when they are not free."""

import socket

import pytest

from devstack.errors import StackError
from devstack.platform.platform import platform_parts
from devstack.stack.ports import fixed_ports, free_ports, require_free


def test_fixed_ports_are_those_of_the_design():
    ports = fixed_ports(platform_parts(monitored=True), {})

    expected = {"kafka": 9092, "mongodb": 27017, "mail": 1025, "intake": 8001, "notify": 8004}
    assert ports.items() >= expected.items()
    assert (ports["prometheus"], ports["alertmanager"]) == (9090, 9094)
    assert len(set(ports.values())) == len(ports)


def test_the_environment_moves_a_part_to_another_port():
    assert fixed_ports({"kafka-controller": 9093}, {"KAFKA_CONTROLLER_PORT": "1234"}) == {
        "kafka-controller": 1234
    }


@pytest.mark.parametrize("port", ["", "0", "65536", "kafka", "-1", "1.5"])
def test_an_invalid_port_is_reported(port):
    with pytest.raises(StackError, match=r"KAFKA_PORT must be a port"):
        fixed_ports({"kafka": 9092}, {"KAFKA_PORT": port})


def test_free_ports_are_free_and_different():
    ports = free_ports(["a", "b", "c"])

    require_free(ports)
    assert len(set(ports.values())) == 3


def test_a_port_given_to_two_parts_is_reported():
    with pytest.raises(StackError, match="Port 8002 is set for both intake and eligibility"):
        require_free({"intake": 8002, "eligibility": 8002})


def test_a_port_in_use_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(StackError, match=rf"Port {port} for kafka is in use by .*KAFKA_PORT="):
            require_free({"kafka": port})
