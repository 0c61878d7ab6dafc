"""Every service's Dockerfile."""

import json
import re
from importlib import import_module

import pytest

from tests.deploy.repository import JOBS, ROOT, SERVICES, arguments, dockerfile, instructions

every_service = pytest.mark.parametrize("service", SERVICES)
every_image = pytest.mark.parametrize("image", [*SERVICES, *sorted(JOBS)])


@every_service
def test_an_image_contains_shared_code_and_its_own_service(service: str):
    copied = {tuple(each.split()) for each in arguments(service, "COPY")}

    assert copied == {
        ("requirements.lock", "."),
        ("shared/", "shared/"),
        ("services/__init__.py", "services/"),
        (f"services/{service}/", f"services/{service}/"),
    }
    assert not arguments(service, "ADD")


@every_image
def test_dependencies_are_installed_by_hash_in_a_layer_before_the_code(image: str):
    [install, *_] = arguments(image, "RUN")
    order = instructions(image)

    assert "--require-hashes" in install
    assert install.endswith("-r requirements.lock")
    assert order.index(("RUN", install)) < order.index(("COPY", "shared/ shared/"))


@every_image
def test_an_image_runs_as_an_unprivileged_numeric_user(image: str):
    [user] = arguments(image, "USER")

    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)


@every_service
def test_sigterm_reaches_python(service: str):
    [command] = arguments(service, "CMD")

    assert json.loads(command) == ["python", "-m", f"services.{service}"]
    assert arguments(service, "STOPSIGNAL") in ([], ["SIGTERM"])
    assert not arguments(service, "ENTRYPOINT")


@every_service
def test_an_image_listens_on_the_service_s_own_port(service: str):
    port = str(import_module(f"services.{service}.app").PORT)

    assert arguments(service, "EXPOSE") == [port]
    assert f"HTTP_PORT={port}" in arguments(service, "ENV")


@every_service
def test_the_health_check_of_an_image_is_liveness_and_not_readiness(service: str):
    [check] = arguments(service, "HEALTHCHECK")

    assert "/livez" in check


@every_image
def test_an_image_builds_without_buildkit(image: str):
    text = dockerfile(image).read_text()

    assert "# syntax" not in text
    assert not re.search(r"--(mount|chmod|link)\b", text)
    assert not re.search("<<", text)


@every_service
def test_dockerfiles_differ_only_by_name_and_port(service: str):
    def template(name: str) -> str:
        text = dockerfile(name).read_text()
        [port] = arguments(name, "EXPOSE")
        return text.replace(name, "<name>").replace(port, "<port>")

    assert template(service) == template(SERVICES[0])


@pytest.mark.parametrize("job", sorted(JOBS))
def test_a_job_shares_the_layer_of_the_dependencies_with_the_services(job: str):
    of_services = instructions(SERVICES[0])
    shared = of_services[: of_services.index(("COPY", "shared/ shared/"))]

    assert instructions(job)[: len(shared)] == shared


@every_service
def test_a_service_has_a_readme(service: str):
    assert (ROOT / "services" / service / "README.md").is_file()


def test_the_build_context_contains_only_what_images_need():
    rules = [
        each
        for each in (ROOT / ".dockerignore").read_text().splitlines()
        if each and not each.startswith("#")
    ]

    assert rules[0] == "*"
    assert {each for each in rules if each.startswith("!")} == {
        "!cli",
        "!requirements.lock",
        "!services",
        "!shared",
    }
