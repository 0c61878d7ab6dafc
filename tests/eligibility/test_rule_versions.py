"""A new version of the rules takes over from the old one on a running platform."""

import httpx
import pytest

from services.eligibility.rules import programme
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


def test_new_rules_decide_what_is_new_and_what_is_decided_stays(kafka, service_process, candidate):
    shipped = programme.load_programme().version
    before = service_process("eligibility")
    decided_before = submit(kafka)
    assert rule_versions(before, decided_before) == [shipped]

    after = service_process("eligibility", {"ELIGIBILITY_PROGRAMME_FILE": str(candidate)})
    before.terminate()
    decided_after = submit(kafka)

    assert rule_versions(after, decided_after) == ["candidate"]
    assert rule_versions(after, decided_before) == [shipped]
