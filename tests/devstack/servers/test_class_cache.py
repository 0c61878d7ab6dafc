"""Java's cache of Kafka's classes: used if it fits, made once."""

import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from devstack.servers.class_cache import class_cache
from devstack.servers.jar_cache import kafka_classpath
from devstack.servers.kafka import kafka
from devstack.servers.kafka_setup import make_class_cache

PORTS = {"kafka": 9092, "kafka-controller": 9093}


@pytest.fixture
def jars(tmp_path):
    (tmp_path / "kafka.jar").write_bytes(b"classes")
    return [tmp_path / "kafka.jar"]


@pytest.fixture
def cache(jars):
    class_cache(jars).touch()
    return class_cache(jars)


def test_a_broker_uses_it_if_it_is_there(jars, cache, tmp_path):
    assert f"-XX:AOTCache={cache}" in kafka(tmp_path, PORTS, jars).command
    cache.unlink()
    assert not any("AOT" in each for each in kafka(tmp_path, PORTS, jars).command)


def test_what_is_measured_starts_without_it(jars, cache, tmp_path):
    command = kafka(tmp_path, PORTS, jars, at_full_speed=True).command

    assert f"-XX:AOTCache={cache}" not in command


def test_that_of_other_jars_is_not_used(jars, cache, tmp_path):
    jars[0].write_bytes(b"other classes")

    assert f"-XX:AOTCache={cache}" not in kafka(tmp_path, PORTS, jars).command


def test_without_a_writable_folder_there_is_none():
    in_a_folder_that_nobody_writes_to = [Path("/proc/self/cmdline")]  # not even root

    assert make_class_cache(in_a_folder_that_nobody_writes_to) is None


@pytest.mark.plays
def test_java_accepts_what_is_made():
    jars = kafka_classpath(lambda _files: nullcontext(lambda _bytes: None))
    make_class_cache(jars)
    java, *arguments = kafka(jars[0].parent, PORTS, jars).command

    assert f"-XX:AOTCache={class_cache(jars)}" in arguments
    subprocess.run([java, "-XX:AOTMode=on", *arguments[:-2], "-version"], check=True)  # noqa: S603 - our own
