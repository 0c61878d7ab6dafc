"""A wrong setting is reported by the name of its variable, never by its value."""

import json
import os
import subprocess
import sys

import pytest

from shared.settings import (
    ConsumerSettings,
    HttpSettings,
    KafkaSettings,
    MongoSettings,
    complaints,
)
from tests.waiting import DEADLINE_SECONDS

SHARED = (KafkaSettings, ConsumerSettings, MongoSettings, HttpSettings)


def test_the_defaults_are_valid(monkeypatch):
    for variable in ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URL"):
        monkeypatch.delenv(variable, raising=False)

    assert list(complaints(SHARED)) == []
    assert KafkaSettings().bootstrap_servers == "127.0.0.1:9092"


def test_every_wrong_variable_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "secret-without-port")
    monkeypatch.setenv("CONSUMER_SUBSCRIBERS", "0")

    reported = list(complaints(SHARED))

    assert [each.partition(":")[0] for each in reported] == [
        "KAFKA_BOOTSTRAP_SERVERS",
        "CONSUMER_SUBSCRIBERS",
    ]
    assert "secret" not in "".join(reported)


def refusal(service, **environment):
    """Start a service that cannot start, and return the lines that it says."""
    started = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", f"services.{service}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    assert started.returncode == 1
    assert started.stderr == ""
    return [json.loads(line) for line in started.stdout.splitlines()]


@pytest.mark.parametrize("service", ["eligibility", "recognition", "notify"])
def test_a_service_with_a_wrong_setting_says_so_in_one_line_and_does_not_start(service):
    [line] = refusal(service, MONGODB_URL="postgres://elsewhere")

    assert (line["event"], line["variable"]) == ("setting.wrong", "MONGODB_URL")
    assert line["what_to_do"].startswith("Must be a connection string")


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("eligibility", "ELIGIBILITY_PROGRAMME_FILE"),
        ("recognition", "RECOGNITION_SCHEME_FILE"),
    ],
)
def test_a_service_with_a_wrong_rule_file_names_every_wrong_entry_and_does_not_start(
    service, variable, tmp_path
):
    file = tmp_path / "rules.toml"
    file.write_text("version = 3\nphase = 1\n")

    [line] = refusal(service, **{variable: str(file)})

    assert line["event"] == "service.not_started"
    lines = line["what_to_do"].splitlines()
    assert f"{file}: version: Must be a valid string." in lines
    assert f"{file}: phase: Must not be given here: remove it, or check its spelling." in lines
    assert all(": Must " in line for line in lines)
