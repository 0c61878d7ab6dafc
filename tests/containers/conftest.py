"""Docker and the platform of the compose file, started once for all tests here."""

from collections.abc import Generator, Iterator

import docker
import pytest
from docker import DockerClient
from docker.errors import DockerException

from tests.cli.new_service.project import Project
from tests.containers.applicants import Applicants, applicants_of
from tests.containers.compose import Platform, running_platform


@pytest.fixture(scope="session")
def docker_client() -> Iterator[DockerClient]:
    """A Docker client. Without a Docker engine the whole run fails instead of skipping tests."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException:
        pytest.exit(
            "No Docker engine answers, and these tests need one: start it, or set DOCKER_HOST.",
            returncode=1,
        )
    yield client
    client.close()


@pytest.fixture(scope="session")
def platform(
    docker_client: DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """All containers of the compose files, built, started and healthy."""
    project = Project.copied_to(tmp_path_factory.mktemp("compose") / "project")
    with running_platform(docker_client, project.root) as running:
        yield running


@pytest.fixture(scope="session")
def applicants(platform: Platform) -> Iterator[Applicants]:
    """The applicants of the platform."""
    with applicants_of(platform) as applicants:
        yield applicants


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the containers' logs with a failed test."""
    report = yield
    running = item.funcargs.get("platform") if hasattr(item, "funcargs") else None
    if report.when == "call" and report.failed and isinstance(running, Platform):
        report.sections.append(("Logs of the containers", running.logs()))
    return report
