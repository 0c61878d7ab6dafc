"""A new version of the rules takes over from the old one on a running platform."""

import os
import subprocess
import sys

import httpx
import pytest

from services.eligibility.rules import programme
from shared.events.eligibility import DECISIONS
from shared.events.intake import APPLICATIONS
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def candidate(request, tmp_path):
    """The shipped programme under another version."""
    shipped = request.config.rootpath / "services/eligibility/rules/programme.toml"
    version = programme.load_programme().version
    text = shipped.read_text(encoding="utf-8")
    assert f'version = "{version}"' in text
    file = tmp_path / "candidate.toml"
    file.write_text(text.replace(f'version = "{version}"', 'version = "candidate"', 1), "utf-8")
    return file


def submit(kafka):
    record = a_record(a_submission("new-technology"))
    kafka.write(APPLICATIONS.name, record.value, record.headers, record.key)
    return record.key.decode()


def decisions(service, application_id):
    answer = httpx.get(f"{service.url}/v1/decisions/{application_id}")
    return answer.json() if answer.status_code == httpx.codes.OK else []


def rule_versions(service, application_id):
    found = eventually(lambda: decisions(service, application_id))
    return [each["rule_version"] for each in found]


def replayed(infra, candidate):
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "services.eligibility.replay", str(candidate)],
        env={**os.environ, **infra.environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_candidate_is_replayed_then_rolled_out_and_taken_back(
    infra, kafka, service_process, candidate
):
    shipped = programme.load_programme().version
    first = service_process("eligibility")
    decided_first = submit(kafka)
    assert rule_versions(first, decided_first) == [shipped]

    published = kafka.end(DECISIONS.name)
    assert "changed: 0" in replayed(infra, candidate)
    assert kafka.end(DECISIONS.name) == published

    second = service_process("eligibility", {"ELIGIBILITY_PROGRAMME_FILE": str(candidate)})
    first.terminate()
    decided_second = submit(kafka)
    assert rule_versions(second, decided_second) == ["candidate"]

    third = service_process("eligibility")
    second.terminate()
    decided_third = submit(kafka)
    assert rule_versions(third, decided_third) == [shipped]
    assert rule_versions(third, decided_second) == ["candidate"]
    assert rule_versions(third, decided_first) == [shipped]
