"""Prometheus and its configuration, checked by Prometheus itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from docker import DockerClient
from docker.models.containers import Container

from tests.containers.compose import ROOT
from tests.deploy.repository import containers
from tests.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

IMAGE = str(containers()["prometheus"]["image"])
CONFIGURATION = ROOT / "deploy" / "prometheus"


@contextmanager
def container(
    docker_client: DockerClient, configuration: Path, **options: Any
) -> Iterator[Container]:
    mounted = [f"{configuration}:/etc/prometheus:ro"]
    started = docker_client.containers.run(IMAGE, volumes=mounted, detach=True, **options)
    try:
        yield started
    finally:
        started.remove(force=True, v=True)


def test_promtool_of_the_image_accepts_the_configuration(docker_client: DockerClient):
    check = ["check", "config", "/etc/prometheus/prometheus.yml"]

    with container(docker_client, CONFIGURATION, entrypoint="promtool", command=check) as promtool:
        assert promtool.wait()["StatusCode"] == 0, promtool.logs()


def test_alerts_fire_when_they_should(docker_client: DockerClient):
    rule_tests = [
        f"/etc/prometheus/tests/{path.name}" for path in CONFIGURATION.glob("tests/*.yml")
    ]

    with container(
        docker_client, CONFIGURATION, entrypoint="promtool", command=["test", "rules", *rule_tests]
    ) as promtool:
        assert promtool.wait()["StatusCode"] == 0, promtool.logs()


def test_a_running_prometheus_finds_a_new_service_by_its_file(
    docker_client: DockerClient, tmp_path: Path
):
    configuration = shutil.copytree(CONFIGURATION, tmp_path / "prometheus")
    published = {"9090/tcp": ("127.0.0.1", None)}

    with container(docker_client, configuration, ports=published) as prometheus:
        prometheus.reload()
        port = prometheus.ports["9090/tcp"][0]["HostPort"]
        eventually(lambda: "intake" in jobs(port))

        (configuration / "targets" / "certificates.yml").write_text(
            '- targets: ["certificates:8007"]\n  labels: {job: certificates}\n'
        )

        eventually(lambda: "certificates" in jobs(port), within_seconds=45)


def jobs(port: str) -> set[str]:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/targets").raise_for_status()
    except httpx.HTTPError:  # Prometheus has not started yet
        return set()
    return {each["labels"]["job"] for each in answer.json()["data"]["activeTargets"]}
