"""A wrong setting is reported by the name of its variable, never by its value."""

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


@pytest.mark.parametrize("service", ["eligibility", "recognition", "notify"])
def test_a_service_with_a_wrong_setting_says_so_in_one_line_and_does_not_start(service):
    started = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", f"services.{service}"],
        env={**os.environ, "MONGODB_URL": "postgres://elsewhere"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 1
    assert started.stderr.startswith("MONGODB_URL: Must be a connection string")
    assert len(started.stderr.splitlines()) == 1
