"""The service as a program: an event in, a decision stored, announced and shown."""

from contextlib import contextmanager, suppress

import httpx
import orjson
from confluent_kafka import KafkaException

from shared.events.casework import CaseRuled
from shared.events.intake import ApplicationAmended
from tests.factories import NOW, a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually

TOPIC, DECISIONS = "intake.applications.v1", "eligibility.decisions.v1"
RULINGS = "casework.rulings.v1"


def write(kafka: KafkaClient, submitted) -> None:
    store = a_record(submitted)
    kafka.write(TOPIC, store.value, store.headers, store.key)


def test_an_application_on_the_topic_is_decided_stored_announced_and_shown(infra, service_process):
    service = service_process("eligibility")
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    submitted = a_submission("new-technology", project={"cost_cents": 140_000_000})
    url = f"{service.url}/v1/decisions/{submitted.application_id}"

    write(kafka, submitted)
    shown = eventually(lambda: (answer := httpx.get(url)).is_success and answer.json())

    announced = [
        orjson.loads(message.value())
        for message in kafka.read(DECISIONS)
        if message.key() == submitted.application_id.encode()
    ]
    assert announced == shown
    assert shown[0]["outcome"] == "eligible"
    assert shown[0]["grant_cents"] == 65_000_000
    in_capitals = httpx.get(f"{service.url}/v1/decisions/{submitted.application_id.upper()}")
    assert in_capitals.json() == shown


def test_an_unknown_application_is_a_problem_of_its_own(service_process):
    service = service_process("eligibility")

    unknown = httpx.get(f"{service.url}/v1/decisions/00000000-0000-0000-0000-000000000000")
    malformed = httpx.get(f"{service.url}/v1/decisions/no-id")

    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:cppp:problem:no-decision")
    assert malformed.status_code == 422


def test_the_service_counts_what_it_decides_and_how_old_events_were(infra, service_process):
    service = service_process("eligibility")
    submitted = a_submission("new-technology")
    write(KafkaClient(infra.kafka_bootstrap_servers), submitted)
    url = f"{service.url}/v1/decisions/{submitted.application_id}"
    eventually(lambda: httpx.get(url).is_success)

    age = 'cppp_event_age_seconds_count{event_type="ApplicationSubmitted",service="eligibility"}'
    metrics = eventually(  # the age is counted last of all, after the decision can be read
        lambda: f"{age} 0.0" not in (text := httpx.get(f"{service.url}/metrics").text) and text
    )

    assert 'cppp_decisions_total{outcome="eligible",rule_version="2026.12.1"' in metrics
    assert 'cppp_decision_reasons_total{reason_code="grant-is-share"' in metrics
    assert age in metrics
    assert "faststream_received_messages_total" in metrics
    assert "cppp_rules_info" in metrics


def test_an_officer_s_ruling_and_a_completion_are_acted_on(infra, service_process):
    service = service_process("eligibility")
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    referred = a_submission("new-technology", factory={"industry": "other"})
    ruling = CaseRuled(
        application_id=referred.application_id,
        version=1,
        ruling_id="R-7",
        step="funding",
        ruling="approved",
        ruled_at=NOW,
        adjusted_cost_cents=80_000_00,
    )
    url = f"{service.url}/v1/decisions/{referred.application_id}"

    store = a_record(ruling, topic="casework.rulings.v1")
    kafka.write("casework.rulings.v1", store.value, store.headers, store.key)
    write(kafka, referred)
    shown = eventually(
        lambda: (found := httpx.get(url)).is_success and len(found.json()) == 2 and found.json()
    )

    assert [(each["outcome"], each["grant_cents"]) for each in shown] == [
        ("referred", None),
        ("eligible", 40_000_00),
    ]


def an_approval(referred) -> CaseRuled:
    return CaseRuled(
        application_id=referred.application_id,
        version=1,
        ruling_id=f"R-{referred.application_id}",
        step="funding",
        ruling="approved",
        ruled_at=NOW,
        adjusted_cost_cents=80_000_00,
    )


@contextmanager
def approved_in_a_transaction(kafka: KafkaClient, referred):
    """Write an approval in a transaction; abort it unless the block has ended it."""
    transaction = kafka.transaction()
    transaction.write(RULINGS, a_record(an_approval(referred), topic=RULINGS))
    try:
        yield transaction
    finally:
        with suppress(KafkaException):
            transaction.abort()


def outcomes(service, application_id: str) -> list[str]:
    found = httpx.get(f"{service.url}/v1/decisions/{application_id}")
    return [each["outcome"] for each in found.json()] if found.is_success else []


def waiting_for(service) -> list[str]:
    return list(httpx.get(f"{service.url}/readyz").json()["waiting_for"])


def test_an_approval_counts_once_its_transaction_is_committed_and_never_if_it_is_aborted(
    infra, service_process
):
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    service = service_process("eligibility", {"CONSUMER_OPEN_TRANSACTION_SECONDS": "1"})
    referred = a_submission("new-technology", factory={"industry": "other"})
    write(kafka, referred)
    eventually(lambda: outcomes(service, referred.application_id) == ["referred"])

    with approved_in_a_transaction(kafka, referred):
        eventually(lambda: waiting_for(service) == ["open-transaction"])
        assert outcomes(service, referred.application_id) == ["referred"]
    eventually(lambda: waiting_for(service) == [])  # the aborted one is passed
    assert outcomes(service, referred.application_id) == ["referred"]

    with approved_in_a_transaction(kafka, referred) as transaction:
        transaction.commit()
    eventually(lambda: outcomes(service, referred.application_id) == ["referred", "eligible"])


def test_an_amendment_is_decided_as_a_version_of_its_own(infra, service_process):
    service = service_process("eligibility")
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    submitted = a_submission("new-technology", factory={"place": "elsewhere"})
    amended = ApplicationAmended.model_validate(
        a_submission("new-technology", application_id=submitted.application_id).model_dump()
        | {"version": 2},
        strict=False,
    )
    url = f"{service.url}/v1/decisions/{submitted.application_id}"

    write(kafka, submitted)
    write(kafka, amended)
    shown = eventually(
        lambda: (found := httpx.get(url)).is_success and len(found.json()) == 2 and found.json()
    )

    assert [(each["version"], each["outcome"]) for each in shown] == [
        (1, "ineligible"),
        (2, "eligible"),
    ]
