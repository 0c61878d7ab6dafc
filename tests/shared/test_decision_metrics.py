"""How long applications wait for their decisions, as Prometheus reads it."""

import time
from types import SimpleNamespace

from prometheus_client import generate_latest

from shared.decisions.metrics import DecisionMetrics
from shared.decisions.model import Proposal
from shared.metrics import Metrics

DECISION = SimpleNamespace(scheme="fund", outcome="eligible", rule_version="1", reasons=())
LABELS = 'from="accepted",service="eligibility",to="decided"'


def ages(metrics: Metrics, name: str, labels: str = LABELS) -> float:
    found = f"cppp_end_to_end_seconds_{name}{{{labels}}} "
    lines = generate_latest(metrics.registry).decode().splitlines()
    [value] = [line.removeprefix(found) for line in lines if line.startswith(found)]
    return float(value)


def test_every_decision_of_a_batch_counts_and_one_that_was_stored_before_does_not():
    metrics = Metrics("eligibility")
    counted = DecisionMetrics(metrics, "1")
    assert ages(metrics, "count") == 0
    now_ms = int(time.time() * 1000)
    fresh = [Proposal(DECISION, "", now_ms - 2000) for _ in range(499)]
    late, repeated = Proposal(DECISION, "", now_ms - 100_000), Proposal(DECISION)

    counted.count([*fresh, late, repeated])

    assert ages(metrics, "count") == 500
    assert ages(metrics, "bucket", LABELS.replace(",service", ',le="60.0",service')) == 499
    assert 499 * 2 + 100 <= ages(metrics, "sum") < 500 * 2 + 200
