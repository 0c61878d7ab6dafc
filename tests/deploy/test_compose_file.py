"""docker-compose.yml, without Docker: what it promises by what it says."""

import re
from importlib import import_module
from typing import Any

import pytest

from devstack.testing.containers import KAFKA_IMAGE, MONGODB_IMAGE
from tests.deploy.repository import SERVICES, compose_file, infrastructure

PARTS: dict[str, Any] = compose_file()["services"]
every_part = pytest.mark.parametrize("part", PARTS)
every_service = pytest.mark.parametrize("service", SERVICES)


def test_every_service_folder_has_its_entry():
    built = {name for name, part in PARTS.items() if "build" in part}

    assert built == set(SERVICES)


@every_service
def test_a_service_is_built_from_its_own_dockerfile(service: str):
    assert PARTS[service]["build"] == {
        "context": ".",
        "dockerfile": f"services/{service}/Dockerfile",
    }


@every_service
def test_a_service_depends_on_infrastructure_and_never_on_another_service(service: str):
    assert set(PARTS[service]["depends_on"]) <= infrastructure()


@every_service
def test_a_service_counts_as_healthy_when_it_is_ready(service: str):
    assert "/readyz" in str(PARTS[service]["healthcheck"]["test"])


@every_service
def test_a_service_is_published_on_its_own_port_which_a_variable_moves(service: str):
    port = import_module(f"services.{service}.app").PORT

    assert PARTS[service]["ports"] == [
        f"127.0.0.1:${{{service.upper()}_PORT:-{port}}}:{port}",
    ]


@every_service
def test_a_service_can_write_nothing_and_has_time_to_stop(service: str):
    assert PARTS[service]["read_only"] is True
    assert PARTS[service]["stop_grace_period"] == "30s"
    assert "user" not in PARTS[service], "the image's own user has no rights; leave it"


@every_part
def test_every_part_is_checked_and_restarted(part: str):
    assert PARTS[part]["healthcheck"]["test"]
    assert PARTS[part]["restart"] == "unless-stopped"


@every_part
def test_every_part_gives_up_all_privileges(part: str):
    assert PARTS[part]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in PARTS[part]["security_opt"]
    assert not PARTS[part].keys() & {"privileged", "cap_add", "network_mode", "pid"}


@every_part
def test_every_part_is_published_to_this_machine_alone_on_a_port_that_can_be_moved(part: str):
    for published in PARTS[part].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+", published)


@pytest.mark.parametrize("part", sorted(infrastructure()))
def test_images_are_pinned(part: str):
    assert re.fullmatch(r"[\w/-]+:v?\d+(\.\d+)+", PARTS[part]["image"])


def test_tests_and_the_compose_file_use_the_same_images():
    assert PARTS["kafka"]["image"] == KAFKA_IMAGE
    assert PARTS["mongodb"]["image"] == MONGODB_IMAGE


def test_nobody_gives_containers_names_so_that_several_copies_can_run():
    assert not [name for name, part in PARTS.items() if "container_name" in part]


def test_no_secret_has_a_default():
    secrets = {
        name: value
        for part in PARTS.values()
        for name, value in part.get("environment", {}).items()
        if re.search("SECRET|PASSWORD|TOKEN", name)
    }

    assert secrets
    assert all(value.startswith(f"${{{name}:?") for name, value in secrets.items())


def test_kafka_never_creates_a_topic_by_accident():
    environment = PARTS["kafka"]["environment"]

    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_what_is_kept_lies_in_named_volumes():
    named = compose_file()["volumes"]

    for part, folder in (
        ("kafka", PARTS["kafka"]["environment"]["KAFKA_LOG_DIRS"]),
        ("mongodb", "/data/db"),
        ("prometheus", "/prometheus"),
    ):
        [volume] = [each for each in PARTS[part]["volumes"] if each.endswith(f":{folder}")]
        assert volume.partition(":")[0] in named
