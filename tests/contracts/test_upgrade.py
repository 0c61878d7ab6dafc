"""Two releases share topics, groups and databases: while one replaces the other, either way."""

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psutil
import pytest

from cli.api_docs.catalogue import event_types, readers
from cli.api_docs.examples import examples
from devstack.testing.service_process import ServiceProcess
from services.notify.model import Resend
from services.notify.store.documents import as_resend_document
from shared.events.envelope import EventIdentity
from tests.contracts.releases import RELEASES, RecordedEvent, recorded_events, unpack_source
from tests.factories import a_notification
from tests.kafka import KafkaClient
from tests.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)
DECISIONS = "eligibility.decisions.v1"


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture(params=RELEASES)
def release(request):
    return request.param


@pytest.fixture
def source(release, tmp_path):
    unpack_source(release, tmp_path)
    return tmp_path


def todays_events() -> list[RecordedEvent]:
    """Make an event of every example, each about an application of its own."""
    return [
        _event(each, {**data, "application_id": str(uuid4())})
        for each in event_types()
        if each.is_about_application  # nobody reads what is published of the rules yet
        for data in examples(each.name).values()
    ]


def _event(kind: Any, data: dict[str, Any]) -> RecordedEvent:
    identity = EventIdentity(kind.name, data["application_id"], str(uuid4()), NOW)
    record = identity.record(kind.topic, orjson.dumps(data))
    assert record.key
    return RecordedEvent(kind.topic.name, record.key, 0, tuple(record.headers), record.value)


def write(kafka: KafkaClient, events: Iterable[RecordedEvent]) -> None:
    for each in events:
        kafka.write(each.topic, each.value, each.headers, each.key, each.timestamp_ms)


def wait_until_read(kafka: KafkaClient, services: Collection[str]) -> None:
    for service in services:
        for topic in readers()[service].topics:
            eventually(lambda s=service, t=topic.name: kafka.committed(s, t) == kafka.end(t))


def test_a_release_and_the_last_one_run_side_by_side_and_replace_each_other(
    release, source, kafka, service_process
):
    recorded, beside, after = recorded_events(release), todays_events(), todays_events()

    current = [service_process(service) for service in readers()]
    write(kafka, recorded)
    wait_until_read(kafka, readers())
    old = [each for each in readers() if is_in(source, each)]
    last = [service_process(each, source=source) for each in old]
    folders = {psutil.Process(each.pid).cwd() for each in last}
    write(kafka, beside)
    wait_until_read(kafka, readers())
    for process in current:
        process.terminate()
    write(kafka, [*beside, *after])  # what was stored by today's is read by the last release
    wait_until_read(kafka, old)

    assert folders == {str(source)}
    assert [each.name for each in (*current, *last) if died(each)] == []
    keys = {each.key for each in (*recorded, *beside, *after)}
    for service in readers():
        assert dead_letters(kafka, service, keys) == []
    for_funding = {each.key for each in (*beside, *after) if is_for_funding(each)}
    assert decided(kafka, for_funding) == dict.fromkeys(for_funding, 1)


def test_release_0_1_0_does_not_know_a_resend_as_such(source):
    """Say what a downgrade needs: that release would never store that it was sent."""
    resent = replace(a_notification("eligible"), resend=1)
    document = as_resend_document(resent, Resend("officer", NOW, "asked for by the applicant"))
    code = (
        "import pickle, sys; from services.notify.documents import as_notification as read; "
        "print(read(pickle.load(sys.stdin.buffer)).id)"
    )
    read = subprocess.run(  # noqa: S603 - code of our own
        [sys.executable, "-c", code],
        cwd=source,
        env={"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
        input=pickle.dumps(document),
        capture_output=True,
        check=True,
    )

    assert read.stdout.decode().strip() == resent.fact_id != document["_id"]


def died(process: ServiceProcess) -> bool:
    """Return whether a process has ended by itself; supervisord restarts it."""
    return '"event": "consumer.died"' in process.log()


def is_in(source: Path, service: str) -> bool:
    """Return whether a release has a service; the others were added later."""
    return (source / "services" / service).exists()


def dead_letters(kafka: KafkaClient, service: str, keys: set[bytes]) -> list[Any]:
    found = kafka.read(f"{service}.dead-letters.v1")
    return [(each.headers(), each.value()) for each in found if each.key() in keys]


def is_for_funding(event: RecordedEvent) -> bool:
    submitted = event.type in {"ApplicationSubmitted", "ApplicationAmended"}
    return submitted and b'"stream":"recognition"' not in (event.value or b"")


def decided(kafka: KafkaClient, keys: set[bytes]) -> Counter[bytes]:
    """Count the decisions on each application; a repeat has the same id."""
    different = {
        (each.key(), dict(each.headers())["ce_id"])
        for each in kafka.read(DECISIONS)
        if each.key() in keys
    }
    return Counter(key for key, _ in different)
