"""How long applications wait for their decisions, as Prometheus reads it."""

import time
from types import SimpleNamespace

from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_text

from shared.decisions.metrics import DecisionLabels, DecisionMetrics
from shared.decisions.model import Proposal
from shared.metrics import Metrics
from tests.tracing import ANOTHER_SENDER, SENDER, UNSAMPLED

DECISION = SimpleNamespace(scheme="fund", outcome="eligible", rule_version="1", reasons=())
RULES = DecisionLabels("1", ["fund"], ["eligible", "referred"], ["approved-by-officer"])
LABELS = 'from="accepted",service="eligibility",to="decided"'


def ages(metrics: Metrics, name: str, labels: str = LABELS) -> float:
    found = f"cppp_end_to_end_seconds_{name}{{{labels}}} "
    lines = generate_latest(metrics.registry).decode().splitlines()
    [value] = [line.removeprefix(found) for line in lines if line.startswith(found)]
    return float(value)


def test_every_decision_of_a_batch_counts_and_one_that_was_stored_before_does_not():
    metrics = Metrics("eligibility")
    counted = DecisionMetrics(metrics, RULES)
    assert ages(metrics, "count") == 0
    now_ms = int(time.time() * 1000)
    fresh = [Proposal(DECISION, "", now_ms - 2000) for _ in range(499)]
    late, repeated = Proposal(DECISION, "", now_ms - 100_000), Proposal(DECISION)

    counted.count([*fresh, late, repeated])

    assert ages(metrics, "count") == 500
    assert ages(metrics, "bucket", LABELS.replace(",service", ',le="60.0",service')) == 499
    assert 499 * 2 + 100 <= ages(metrics, "sum") < 500 * 2 + 200


def test_every_outcome_and_every_reason_begins_at_0():
    metrics = Metrics("eligibility")
    DecisionMetrics(metrics, RULES)
    text = generate_latest(metrics.registry).decode()

    outcome = 'outcome="{}",rule_version="1",scheme="fund",service="eligibility"'
    for each in ("eligible", "referred"):
        assert f"cppp_decisions_total{{{outcome.format(each)}}} 0.0" in text
    for each in ("approved-by-officer", "other"):
        assert reason_count(metrics, each) == 0


def test_an_officers_own_reason_is_no_label():
    """Its code is whatever was typed: a name, a case number, each time another one."""
    metrics = Metrics("eligibility")
    reasons = [SimpleNamespace(code=each) for each in ("approved-by-officer", "mr-chan", "no-7")]
    decision = SimpleNamespace(**{**vars(DECISION), "reasons": reasons})

    DecisionMetrics(metrics, RULES).count([Proposal(decision)])

    assert "mr-chan" not in generate_latest(metrics.registry).decode()
    assert reason_count(metrics, "approved-by-officer") == 1
    assert reason_count(metrics, "other") == 2


def reason_count(metrics: Metrics, code: str) -> float | None:
    labels = {"service": "eligibility", "reason_code": code}
    return metrics.registry.get_sample_value("cppp_decision_reasons_total", labels)


def test_the_decision_that_took_longest_is_the_exemplar(spans):
    metrics = Metrics("eligibility")
    now_ms = int(time.time() * 1000)
    decided = [Proposal(DECISION, ANOTHER_SENDER, now_ms), Proposal(DECISION, SENDER, now_ms - 100)]

    DecisionMetrics(metrics, RULES).count([*decided, Proposal(DECISION, UNSAMPLED, now_ms)])

    text = openmetrics_text(metrics.registry).decode()
    assert f'trace_id="{SENDER[3:35]}"' in text
    assert ANOTHER_SENDER[3:35] not in text
    assert spans.ended == []
