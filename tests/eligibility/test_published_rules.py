"""The rules in force, read from the topics by somebody who knows nothing else."""

import os
import subprocess
import sys

import orjson
import pytest

from devstack.stack.ports import free_ports
from services.eligibility.rules.programme import load_programme
from services.recognition.rules.scheme import load_scheme
from shared.events.eligibility import DECISIONS, PROGRAMME, ProgrammePublished
from shared.events.recognition import SCHEME, SchemePublished
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient, repeated_headers
from tests.waiting import eventually

SHIPPED = load_programme()


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def programme_file(request, tmp_path):
    """Return a function that writes the shipped programme under another version and name."""
    shipped = request.config.rootpath / "services/eligibility/rules/programme.toml"

    def written(version: str, *changes: tuple[str, str]) -> dict[str, str]:
        text = shipped.read_text(encoding="utf-8")
        for old, new in ((f'version = "{SHIPPED.version}"', f'version = "{version}"'), *changes):
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / f"{version}-{len(changes)}.toml"
        file.write_text(text, encoding="utf-8")
        return {"ELIGIBILITY_PROGRAMME_FILE": str(file)}

    return written


def read(kafka, topic, event):
    """Read a topic as its readers are told to: drop repeats by id, order by time."""
    records = {dict(each.headers())["ce_id"]: each for each in kafka.read(topic.name)}
    events = [event.model_validate_json(each.value()) for each in records.values()]
    return sorted(events, key=lambda each: each.in_force_from)


def in_force(kafka, topic, event, version):
    """Return the rules in force, once they are of a version."""
    events = read(kafka, topic, event)
    return events[-1] if events and events[-1].rule_version == version else None


def versions(kafka):
    return [each.rule_version for each in read(kafka, PROGRAMME, ProgrammePublished)]


def test_two_instances_that_start_at_once_publish_the_rules_in_force(kafka, service_process):
    service_process("eligibility")
    service_process("eligibility")
    service_process("recognition")

    version = load_scheme().version
    programme = eventually(lambda: in_force(kafka, PROGRAMME, ProgrammePublished, SHIPPED.version))
    scheme = eventually(lambda: in_force(kafka, SCHEME, SchemePublished, version))

    assert programme.phases[-1].streams[0].ceiling_cents == 65_000_000
    assert scheme.rounds[-1].year == 2027


def test_a_restart_publishes_nothing_a_new_version_and_a_roll_back_are_told(
    kafka, service_process, programme_file
):
    first = service_process("eligibility")
    eventually(lambda: versions(kafka)[-1:] == [SHIPPED.version])
    before = versions(kafka)
    first.kill()
    first.start()
    first.terminate()
    assert versions(kafka) == before

    second = service_process("eligibility", programme_file("next"))
    eventually(lambda: versions(kafka) == [*before, "next"])
    second.terminate()
    third = service_process("eligibility")
    eventually(lambda: versions(kafka) == [*before, "next", SHIPPED.version])
    assert third.pid


def test_repeats_of_a_publication_have_the_same_bytes(kafka, service_process):
    service_process("eligibility")
    eventually(lambda: versions(kafka))

    by_id = {}
    for record in kafka.read(PROGRAMME.name):
        said = record.key(), record.value(), tuple(repeated_headers(record))
        by_id.setdefault(dict(record.headers())["ce_id"], set()).add(said)

    assert all(len(said) == 1 for said in by_id.values())
    for [(key, value, _)] in by_id.values():
        assert key.decode() == orjson.loads(value)["rule_version"]


def test_a_version_that_is_taken_by_other_terms_ends_the_start_and_says_what_to_do(
    infra, kafka, service_process, programme_file
):
    first = service_process("eligibility", programme_file("taken"))
    eventually(lambda: versions(kafka)[-1:] == ["taken"])
    first.terminate()
    changed = programme_file("taken", ("ceiling_cents = 65_000_000", "ceiling_cents = 1"))
    record = a_record(a_submission("new-technology"))
    kafka.write(record.topic, record.value, record.headers, record.key)

    refused = subprocess.run(
        [sys.executable, "-m", "services.eligibility"],
        env={
            **os.environ,
            **infra.environment,
            **changed,
            "HTTP_PORT": str(free_ports(["HTTP"])["HTTP"]),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert refused.returncode == 1
    assert "Must have a new version whenever its terms change" in refused.stdout + refused.stderr
    assert record.key not in [each.key() for each in kafka.read(DECISIONS.name)]
    assert versions(kafka)[-1] == "taken"
