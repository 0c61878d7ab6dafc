"""The replay command on a real topic: same candidate, same bytes, no side effects."""

import os
import subprocess
import sys

from shared.events.intake import APPLICATIONS
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient


def replay(infra, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "services.eligibility.replay", *arguments],
        env={**os.environ, **infra.environment},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_candidate_is_compared_with_what_is_on_the_topic(infra, request):
    await provide_topics(
        KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers), [APPLICATIONS]
    )
    submitted = a_submission("new-technology")
    store = a_record(submitted)
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    kafka.write(APPLICATIONS.name, store.value, store.headers, store.key)
    shipped = str(request.config.rootpath / "services/eligibility/rules/programme.toml")

    first, second = replay(infra, shipped), replay(infra, shipped)

    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert "changed: 0" in first.stdout
    assert "compared: 0" not in first.stdout
    assert "new version" not in first.stderr


def test_a_candidate_with_other_terms_under_the_same_version_is_told_to_take_a_new_one(
    infra, request, tmp_path
):
    shipped = request.config.rootpath / "services/eligibility/rules/programme.toml"
    text = shipped.read_text(encoding="utf-8").replace("4_500_000", "4_600_000")
    file = tmp_path / "candidate.toml"
    file.write_text(text, encoding="utf-8")

    answer = replay(infra, str(file))

    assert answer.returncode == 0
    assert "Must have a new version before a service is started with it" in answer.stderr


def test_an_invalid_candidate_ends_the_command_with_the_wrong_entry(infra, tmp_path):
    file = tmp_path / "candidate.toml"
    file.write_text('version = "1"\nphases = []\n', encoding="utf-8")

    answer = replay(infra, str(file))

    assert answer.returncode == 1
    assert f"{file}: shareholding: Must be given." in answer.stderr.splitlines()
