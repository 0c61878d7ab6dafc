"""The metrics of this service: decisions by stream, outcome and reason."""

from typing import get_args

from services.eligibility.rules.catalogue import REASONS
from shared.decisions.metrics import DecisionLabels, DecisionMetrics
from shared.events.eligibility import Outcome
from shared.events.intake import FundingStream
from shared.metrics import Metrics


def decision_metrics(metrics: Metrics, rule_version: str) -> DecisionMetrics:
    """Return the metrics of decisions under this version of the rules."""
    labels = DecisionLabels(rule_version, get_args(FundingStream), get_args(Outcome), REASONS)
    return DecisionMetrics(metrics, labels)
