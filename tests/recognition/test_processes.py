"""The service as programs on real Kafka: two instances, one of them killed in mid-run."""

from collections import Counter
from datetime import UTC, date, datetime

import httpx
import pytest

from tests.factories import a_business_number, a_record
from tests.kafka import KafkaClient
from tests.recognition.rulings import RULINGS_TOPIC, a_candidacy, a_candidacy_of, all_approved
from tests.waiting import eventually

DECISIONS = "recognition.decisions.v1"
APPLICATIONS = "intake.applications.v1"
IN_2018 = datetime(2018, 5, 7, 2, tzinfo=UTC)
RULED_IN_2018 = {
    "ruled_at": datetime(2018, 9, 3, 2, tzinfo=UTC),
    "notice_from": date(2018, 9, 10),
    "notice_to": date(2018, 9, 14),
}
QUICK = {"RECOGNITION_SWEEP_SECONDS": "0.05"}


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


def write(kafka, data, topic):
    store = a_record(data, topic=topic)
    kafka.write(topic, store.value, store.headers, key=store.key)


def announced(kafka, ids, kind):
    """Count the different values of each application's events of a kind."""
    seen = {}
    for message in kafka.read(DECISIONS):
        headers = dict(message.headers())
        if headers["ce_type"] == kind and (message.key() or b"").decode(errors="replace") in ids:
            key = (message.key().decode(), headers["ce_id"])
            seen.setdefault(key, Counter())[message.value()] += 1
    return seen


@pytest.mark.timeout(180)
def test_killed_instances_neither_miss_nor_duplicate_a_label(kafka, service_process):
    killed = service_process("recognition", QUICK)
    other = service_process("recognition", QUICK)
    submissions = [a_candidacy() for _ in range(24)]
    ids = {each.application_id for each in submissions}
    for number, submission in enumerate(submissions):
        for ruling in all_approved(submission.application_id):  # before their application
            write(kafka, ruling, RULINGS_TOPIC)
        write(kafka, submission, APPLICATIONS)
        if number in {6, 12, 18}:
            (killed if number % 12 else other).kill()

    awarded = eventually(
        lambda: (found := announced(kafka, ids, b"LabelAwarded")) and len(found) == 24 and found,
        within_seconds=90,
        because="not every label was announced in time",
    )

    assert {application_id for application_id, _ in awarded} == ids
    assert all(len(values) == 1 for values in awarded.values()), "events of one label differ"
    steps = announced(kafka, ids, b"RecognitionDecided")
    assert len(steps) == 24 * 6
    assert all(len(values) == 1 for values in steps.values())
    number = httpx.get(f"{other.url}/v1/candidacies/{min(ids)}").json()["certificate_number"]
    assert httpx.get(f"{other.url}/v1/certificates/{number}").json()["status"] == "valid"


@pytest.mark.timeout(180)
def test_two_instances_award_one_label_for_two_applications_of_one_enterprise(
    kafka, service_process
):
    instances = [service_process("recognition", QUICK) for _ in range(2)]
    pairs = [[a_candidacy_of(number) for _ in range(2)] for number in enterprises(12)]
    ids = {each.application_id for pair in pairs for each in pair}
    for pair in pairs:
        for each in pair:
            write(kafka, each, APPLICATIONS)
        for each in pair:
            for ruling in all_approved(each.application_id):
                write(kafka, ruling, RULINGS_TOPIC)
    instances[0].kill()

    def states():
        shown = (httpx.get(f"{instances[1].url}/v1/candidacies/{each}") for each in sorted(ids))
        return Counter(each.json().get("state") for each in shown)

    settled = {"awarded": 12, "label-claimed": 12}
    eventually(lambda: states() == settled, within_seconds=90, because="not every case is settled")

    awarded = {each for each, _ in announced(kafka, ids, b"LabelAwarded")}
    assert [len(awarded & {each.application_id for each in pair}) for pair in pairs] == [1] * 12


def enterprises(count):
    return [a_business_number() for _ in range(count)]


@pytest.mark.timeout(120)
def test_a_label_expires_automatically_after_its_last_day(kafka, service_process):
    service_process("recognition", QUICK)
    submission = a_candidacy(IN_2018)
    write(kafka, submission, APPLICATIONS)
    for ruling in all_approved(submission.application_id, **RULED_IN_2018):
        write(kafka, ruling, RULINGS_TOPIC)

    ids = {submission.application_id}

    eventually(lambda: announced(kafka, ids, b"LabelExpired"))
    assert len(announced(kafka, ids, b"LabelAwarded")) == 1
