"""Kafka's own command-line tools, to compare with."""

import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from devstack.servers.jar_cache import kafka_classpath
from devstack.servers.kafka import Broker

_GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


def described_groups(servers: str, group: str) -> Sequence[dict[str, str]]:
    """Return the lines of `kafka-consumer-groups.sh --describe`, each by its columns."""
    jars = kafka_classpath(lambda _files: nullcontext(lambda _bytes: None))
    tool = Broker(Path(), jars, settings="", cluster_id="", heap_megabytes=128)
    options = ("--bootstrap-server", servers, "--describe", "--group", group)
    done = subprocess.run(  # noqa: S603 - our own command line
        tool.java(_GROUPS, *options), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    lines = [each.split() for each in done.stdout.splitlines() if each]
    [head] = [each for each in lines if each[0] == "GROUP"]  # beside what the tool logs
    return [dict(zip(head, each, strict=False)) for each in lines if each[0] == group]
