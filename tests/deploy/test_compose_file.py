"""docker-compose.yml and the compose file of every service, checked without Docker."""

import re
from importlib import import_module
from typing import Any

import pytest

from devstack.servers.registration import registered_port
from devstack.testing.containers import KAFKA_IMAGE, MONGODB_IMAGE
from tests.deploy.repository import (
    ENTRIES,
    JOBS,
    ROOT,
    SERVICES,
    compose_file,
    containers,
    infrastructure,
    read_yaml,
)

CONTAINERS: dict[str, Any] = containers()
every_container = pytest.mark.parametrize("container", CONTAINERS)
every_job = pytest.mark.parametrize("job", sorted(JOBS))
every_service = pytest.mark.parametrize("service", SERVICES)


@every_service
def test_a_compose_file_of_a_service_has_its_entry_and_nothing_else(service: str):
    written = read_yaml(ENTRIES[service])

    assert written.keys() == {"services"}
    assert written["services"].keys() == {service}


def test_the_file_of_the_infrastructure_names_no_service():
    text = (ROOT / "docker-compose.yml").read_text()

    assert not [each for each in SERVICES if re.search(rf"\b{each}\b", text)]
    assert not [each for each in infrastructure() if "build" in CONTAINERS[each]]


def test_no_two_services_have_the_same_port():
    ports = [registered_port(each) for each in SERVICES]

    assert len(set(ports)) == len(ports)


def test_every_service_extends_the_same_entry():
    extended = [read_yaml(ENTRIES[each])["services"][each]["extends"] for each in SERVICES]

    assert all(each == extended[0] for each in extended)


@every_service
def test_a_service_is_built_from_its_own_dockerfile(service: str):
    assert CONTAINERS[service]["build"] == {
        "context": ".",
        "dockerfile": f"services/{service}/Dockerfile",
    }


@every_service
def test_a_service_depends_on_infrastructure_and_never_on_another_service(service: str):
    assert set(CONTAINERS[service]["depends_on"]) <= infrastructure() | JOBS


@every_job
def test_a_service_that_waits_for_a_job_starts_without_it_too(job: str):
    waiting = [
        each["depends_on"][job]
        for each in CONTAINERS.values()
        if job in each.get("depends_on", ()) and isinstance(each["depends_on"], dict)
    ]

    # `docker compose up --wait` fails on a container that ends unless something waits for its end.
    assert waiting
    assert all(
        each == {"condition": "service_completed_successfully", "required": False}
        for each in waiting
    )


@every_service
def test_a_service_is_healthy_when_it_is_ready(service: str):
    assert "/readyz" in str(CONTAINERS[service]["healthcheck"]["test"])


@every_service
def test_a_service_is_published_on_its_own_port_which_a_variable_changes(service: str):
    port = import_module(f"services.{service}.app").PORT

    assert CONTAINERS[service]["ports"] == [
        f"127.0.0.1:${{{service.upper()}_PORT:-{port}}}:{port}",
    ]


@every_service
def test_a_service_has_a_read_only_file_system_and_time_to_stop(service: str):
    assert CONTAINERS[service]["read_only"] is True
    assert CONTAINERS[service]["stop_grace_period"] == "30s"
    assert "user" not in CONTAINERS[service], "the image already sets a user without privileges"


@every_job
def test_a_job_is_not_restarted_and_cannot_write(job: str):
    assert CONTAINERS[job]["restart"] == "no"
    assert CONTAINERS[job]["read_only"] is True
    assert all(each.endswith(":ro") for each in CONTAINERS[job]["volumes"])


@pytest.mark.parametrize("container", sorted(CONTAINERS.keys() - JOBS))
def test_every_container_has_a_health_check_and_is_restarted(container: str):
    assert CONTAINERS[container]["healthcheck"]["test"]
    assert CONTAINERS[container]["restart"] == "unless-stopped"


@every_container
def test_every_container_drops_all_privileges(container: str):
    assert CONTAINERS[container]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in CONTAINERS[container]["security_opt"]
    assert not CONTAINERS[container].keys() & {"privileged", "cap_add", "network_mode", "pid"}


@every_container
def test_every_port_is_published_on_localhost_only_and_a_variable_changes_it(container: str):
    for published in CONTAINERS[container].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z0-9_]+_PORT:-\d+\}:\d+", published)


@pytest.mark.parametrize("container", sorted(infrastructure()))
def test_images_are_pinned(container: str):
    assert re.fullmatch(r"[\w/-]+:v?\d+(\.\d+)+", CONTAINERS[container]["image"])


def test_tests_and_the_compose_file_use_the_same_images():
    assert CONTAINERS["kafka"]["image"] == KAFKA_IMAGE
    assert CONTAINERS["mongodb"]["image"] == MONGODB_IMAGE


def test_containers_have_no_fixed_names_so_that_several_copies_can_run():
    assert not [name for name, container in CONTAINERS.items() if "container_name" in container]


def test_no_secret_has_a_default():
    secrets = {
        name: value
        for container in CONTAINERS.values()
        for name, value in container.get("environment", {}).items()
        if re.search("SECRET|PASSWORD|TOKEN", name)
    }

    assert secrets
    assert all(value.startswith(f"${{{name}:?") for name, value in secrets.items())


def test_kafka_does_not_create_topics_automatically():
    environment = CONTAINERS["kafka"]["environment"]

    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


@pytest.mark.parametrize("container", ["prometheus", "alertmanager"])
def test_links_in_alerts_open_where_the_port_is_published(container: str):
    [published] = CONTAINERS[container]["ports"]
    address = published.rpartition(":")[0]

    assert f"--web.external-url=http://{address}/" in CONTAINERS[container]["command"]


def test_data_is_stored_in_named_volumes():
    named = compose_file()["volumes"]

    for container, folder in (
        ("kafka", CONTAINERS["kafka"]["environment"]["KAFKA_LOG_DIRS"]),
        ("mongodb", "/data/db"),
        ("prometheus", "/prometheus"),
        ("alertmanager", "/alertmanager"),
    ):
        [volume] = [
            each for each in CONTAINERS[container]["volumes"] if each.endswith(f":{folder}")
        ]
        assert volume.partition(":")[0] in named


def test_grafana_runs_only_if_asked_for_and_nobody_can_change_anything_in_it():
    grafana = CONTAINERS["grafana"]
    settings = grafana["environment"]

    assert [name for name, each in CONTAINERS.items() if "profiles" in each] == ["grafana"]
    assert grafana["profiles"] == ["dashboards"]
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert settings["GF_AUTH_BASIC_ENABLED"] == "false"
    assert settings["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert settings["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"


def test_grafana_finds_its_files_where_they_are_mounted():
    grafana = CONTAINERS["grafana"]
    mounted = {each.split(":")[1]: ROOT / each.split(":")[0] for each in grafana["volumes"]}
    folder = read_yaml(mounted["/etc/grafana/provisioning"] / "dashboards" / "cppp.yml")
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert folder["providers"][0]["options"]["path"] == "/etc/grafana/dashboards"
    assert (mounted["/etc/grafana/dashboards"] / home.rpartition("/")[2]).is_file()
