"""The metrics of this service: decisions, labels awarded and expired."""

from collections.abc import Sequence
from typing import Any, Final, get_args

from services.recognition.rules.catalogue import HOLD_REASONS, REASONS, STEP_REASONS
from shared.decisions.metrics import DecisionLabels, DecisionMetrics
from shared.decisions.model import Proposal
from shared.events.intake import Category
from shared.events.recognition import Outcome
from shared.metrics import Metrics

_LABEL_FACTS: Final = {"label": "awarded", "expiry": "expired"}


class RecognitionMetrics:
    """Decisions by outcome and reason, labels awarded and expired, and retries."""

    def __init__(self, metrics: Metrics, rule_version: str) -> None:
        self._metrics = metrics
        codes = REASONS.keys() | HOLD_REASONS.keys() | STEP_REASONS.keys()
        labels = DecisionLabels(rule_version, get_args(Category), get_args(Outcome), codes)
        self._decisions = DecisionMetrics(metrics, labels)
        self._labels = metrics.counter(
            "cppp_labels", "Labels announced as awarded or expired.", "fact"
        )
        for fact in _LABEL_FACTS.values():
            self._labels.labels(metrics.service, fact)

    def count(self, stored: Sequence[Proposal[Any]]) -> None:
        """Count the decisions of one batch."""
        self._decisions.count(stored)

    def count_conclusions(self, decided: Sequence[Proposal[Any]], announced: Sequence[str]) -> None:
        """Count the conclusions of a review, by the keys of the announced events."""
        self._decisions.count(decided)
        for key in announced:
            if fact := _LABEL_FACTS.get(key):
                self._labels.labels(self._metrics.service, fact).inc()

    def count_retry(self, error: str) -> None:
        """Count a retry while a dependency is down."""
        self._metrics.retries.labels(self._metrics.service, error).inc()
