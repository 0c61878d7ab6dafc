"""A service that is added to running containers."""

from dataclasses import replace

import httpx
import pytest

from devstack.stack.ports import free_ports
from tests.cli.new_service.project import READS, Project
from tests.containers.compose import Platform

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

FILES = ("docker-compose.yml", "services/journal/compose.yml")


def started(platform: Platform) -> dict[str, tuple[str | None, str]]:
    return {
        name: (each.id, each.attrs["State"]["StartedAt"])
        for name, each in platform.containers().items()
    }


def test_a_new_service_is_added_and_no_other_container_is_recreated(platform: Platform):
    before = started(platform)
    ports = free_ports(["journal"])
    settings = {**platform.environment, "JOURNAL_PORT": str(ports["journal"])}
    with_journal = replace(platform, environment=settings, ports={**platform.ports, **ports})
    Project(platform.root).new_service("journal", *READS, "--page")

    try:
        with_journal.compose("up", "--detach", "--build", "--wait", "journal", files=FILES)
        after = started(platform)

        assert httpx.get(with_journal.url("journal")).is_success
        assert after.pop("journal")
        assert after == before
    finally:
        with_journal.compose("rm", "--stop", "--force", "journal", files=FILES)
