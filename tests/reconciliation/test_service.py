"""The service as a process on real Kafka and MongoDB."""

import httpx
import pytest
from pymongo import MongoClient

from shared.events.eligibility import DECISIONS
from shared.events.intake import APPLICATIONS
from shared.events.notify import NOTIFICATIONS
from tests.factories import a_submission
from tests.intake.submissions import body, headers
from tests.kafka import KafkaClient
from tests.notify.cases import write
from tests.reconciliation.facts import a_case
from tests.waiting import DEADLINE_SECONDS, eventually

pytestmark = pytest.mark.timeout(120)
IMMEDIATELY = {
    "RECONCILIATION_DECIDED_WITHIN_MINUTES": "0.001",
    "RECONCILIATION_NOTIFIED_WITHIN_MINUTES": "0.001",
    "RECONCILIATION_SWEEP_SECONDS": "0.1",
}
DEAD_LETTERS = "reconciliation.dead-letters.v1"


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


def orphans_of(service, *ids):
    answer = httpx.get(f"{service.url}/v1/orphans?limit=10000", timeout=DEADLINE_SECONDS).json()
    found = [each for each in answer["orphans"] if each["application_id"] in ids]
    return [(each["stage"], each["application_id"]) for each in found]


def write_case(kafka, submitted, decided, *notified):
    write(kafka, APPLICATIONS, submitted)
    write(kafka, DECISIONS, decided)
    for each in notified:
        write(kafka, NOTIFICATIONS, each)


def test_an_orphan_is_shown_and_counted_until_its_expectation_is_met(service_process, kafka):
    service = service_process("reconciliation", IMMEDIATELY)
    submitted, decided, receipt, notified = a_case()
    application = submitted.application_id

    write(kafka, APPLICATIONS, submitted)
    write(kafka, NOTIFICATIONS, receipt)
    eventually(lambda: orphans_of(service, application) == [("decided", application)])
    eventually(lambda: gauge(service, "decided") >= 1)
    write(kafka, DECISIONS, decided)
    eventually(lambda: orphans_of(service, application) == [("notified", application)])
    write(kafka, NOTIFICATIONS, notified)
    eventually(lambda: orphans_of(service, application) == [])


def gauge(service, stage):
    line = f'cppp_orphans{{service="reconciliation",stage="{stage}"}} '
    text = httpx.get(f"{service.url}/metrics").text
    return float(text.partition(line)[2].partition("\n")[0] or 0)


def test_nothing_is_an_orphan_within_the_time_limit(service_process, kafka):
    service = service_process("reconciliation")
    submitted, last = a_submission(), a_submission()
    write(kafka, APPLICATIONS, submitted)
    write(kafka, APPLICATIONS, last)

    eventually(lambda: kafka.committed("reconciliation", APPLICATIONS.name) == on_topic(kafka))

    assert orphans_of(service, submitted.application_id, last.application_id) == []


def on_topic(kafka):
    return len(kafka.read(APPLICATIONS.name))


def test_a_service_that_is_killed_neither_misses_nor_invents_an_orphan(service_process, kafka):
    service = service_process("reconciliation", IMMEDIATELY)
    cases = [a_case() for _ in range(300)]
    undecided, unnotified = [a_submission() for _ in range(20)], [a_case() for _ in range(20)]
    ids = [each[0].application_id for each in [*cases, *unnotified]]
    ids += [each.application_id for each in undecided]
    for number, case in enumerate(cases):
        write_case(kafka, *case)
        if number < 20:
            write(kafka, APPLICATIONS, undecided[number])
            write_case(kafka, *unnotified[number][:2])
        if number % 100 == 50:
            service.kill()
            service.wait_ready()

    expected = {
        *(("decided", each.application_id) for each in undecided),
        *(("notified", each[0].application_id) for each in unnotified),
    }
    eventually(lambda: set(orphans_of(service, *ids)) == expected, within_seconds=60)


def test_redelivered_facts_reopen_nothing(service_process, kafka):
    service = service_process("reconciliation", IMMEDIATELY)
    case, marker = a_case(), a_submission()
    for _ in range(3):
        write_case(kafka, *case)
    write(kafka, APPLICATIONS, case[0])
    write(kafka, APPLICATIONS, marker)

    eventually(lambda: orphans_of(service, marker.application_id))
    eventually(lambda: orphans_of(service, case[0].application_id) == [])


def test_a_malformed_record_is_dead_lettered_and_the_next_fact_is_handled(service_process, kafka):
    service = service_process("reconciliation", IMMEDIATELY)
    before = len(kafka.read(DEAD_LETTERS))
    submitted = a_submission()

    for topic in (APPLICATIONS, DECISIONS, NOTIFICATIONS):
        kafka.write(topic.name, b"{", [("ce_type", b"NotificationSent")], b"key")
    write(kafka, APPLICATIONS, submitted)

    eventually(lambda: orphans_of(service, submitted.application_id))
    eventually(lambda: len(kafka.read(DEAD_LETTERS)) == before + 3)


@pytest.mark.timeout(180)
def test_every_application_is_completed_by_the_whole_platform(infra, service_process):
    names = ("intake", "eligibility", "recognition", "notify")
    intake, *_ = [service_process(name) for name in names]
    service_process("reconciliation", IMMEDIATELY)
    with httpx.Client(base_url=intake.url, trust_env=False, timeout=DEADLINE_SECONDS) as client:
        submissions = [
            client.post("/v1/applications", content=body(stream), headers=headers())
            for stream in ("new-technology", "organisation-support", "recognition")
        ]
        ids = [each.json()["application_id"] for each in submissions]

    met = [{"_id": f"decided/{each}:1"} for each in ids]
    owners = ("eligibility", "eligibility", "recognition")
    met += [{"_id": f"notified/{each}:{owner}:1"} for each, owner in zip(ids, owners, strict=True)]
    with MongoClient(infra.mongodb_url) as mongo:
        stored = mongo["reconciliation"]["expectations"]
        wanted = {"_id": {"$in": [each["_id"] for each in met]}}
        # The services first process what earlier tests have written.
        eventually(
            lambda: len(met) == sum(len(each) == 1 for each in stored.find(wanted)),
            within_seconds=90,
        )


def test_one_member_of_its_group_reads_everything(service_process, kafka):
    service_process("reconciliation")

    eventually(lambda: len(kafka.members("reconciliation")) == 1)
