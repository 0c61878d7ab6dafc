"""How Prometheus finds what it scrapes."""

import shutil
import subprocess
from importlib import import_module

import pytest

from tests.deploy.repository import PROMETHEUS, SERVICES, read_yaml

CONFIGURATION = PROMETHEUS / "prometheus.yml"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_joins_by_a_file_of_its_own(service: str):
    port = import_module(f"services.{service}.app").PORT

    assert read_yaml(PROMETHEUS / "targets" / f"{service}.yml") == [
        {"targets": [f"{service}:{port}"], "labels": {"job": service}},
    ]


def test_there_is_no_target_without_a_service():
    assert {path.stem for path in (PROMETHEUS / "targets").iterdir()} == set(SERVICES)


def test_services_are_found_by_their_files_and_never_by_a_list():
    jobs = {each["job_name"]: each for each in read_yaml(CONFIGURATION)["scrape_configs"]}

    assert jobs["services"]["file_sd_configs"][0]["files"] == ["targets/*.yml"]
    assert "static_configs" not in jobs["services"]
    assert not [name for name in SERVICES if f"{name}:" in CONFIGURATION.read_text()]


def test_a_scrape_ends_before_the_next_one():
    seconds = {
        name: int(value.removesuffix("s"))
        for name, value in read_yaml(CONFIGURATION)["global"].items()
    }

    assert seconds["scrape_timeout"] < seconds["scrape_interval"]


def test_prometheus_own_tool_accepts_the_configuration():
    promtool = shutil.which("promtool")
    if promtool is None:  # then the tests in containers do this with the image's
        assert read_yaml(CONFIGURATION).keys() == {"global", "scrape_configs"}
        return
    done = subprocess.run(  # noqa: S603 - a program found on PATH, a file of ours
        [promtool, "check", "config", str(CONFIGURATION)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
