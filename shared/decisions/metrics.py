"""Counts decisions by outcome and reason, and names the rules in force."""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import Any, Final

from shared.decisions.model import Proposal
from shared.metrics import Metrics
from shared.tracing import current
from shared.tracing.context import sampled
from shared.tracing.exemplar import exemplar

_STEPS: Final = ("accepted", "decided")
_OTHER: Final = "other"  # an officer's own reason: its code is whatever the officer wrote


@dataclass(frozen=True, slots=True)
class DecisionLabels:
    """The values of the labels, all of which begin at 0; other reason codes count as `other`."""

    rule_version: str
    schemes: Collection[str]
    outcomes: Collection[str]
    reason_codes: Collection[str]


class DecisionMetrics:
    """Decisions by outcome and reason, how long they took, and the rules in force."""

    def __init__(self, metrics: Metrics, labels: DecisionLabels) -> None:
        self._service = metrics.service
        self._decisions = metrics.counter(
            "cppp_decisions", "Decisions announced.", "scheme", "outcome", "rule_version"
        )
        for scheme, outcome in product(labels.schemes, labels.outcomes):
            self._decisions.labels(self._service, scheme, outcome, labels.rule_version)
        reasons = metrics.counter(
            "cppp_decision_reasons",
            "Reasons of the decisions announced; other is for officers' own reasons.",
            "reason_code",
        )
        codes = {*labels.reason_codes, _OTHER}
        self._reasons = {code: reasons.labels(self._service, code) for code in codes}
        self._end_to_end = metrics.end_to_end
        self._end_to_end.observe((), *_STEPS)
        metrics.gauge("cppp_rules_info", "The rules in force.", "rule_version").labels(
            metrics.service, labels.rule_version
        ).set(1)

    def count(self, stored: Sequence[Proposal[Any]]) -> None:
        """Count the decisions of one batch, once they are published."""
        now_ms = time.time() * 1000
        new = [(each.accepted_ms, each) for each in stored if each.accepted_ms is not None]
        self._end_to_end.observe((max(0.0, now_ms - at) / 1000 for at, _ in new), *_STEPS)
        if current.tracer and new:
            at, earliest = min(new, key=itemgetter(0))
            trace = exemplar(sampled(earliest.traceparent))
            self._end_to_end.exemplify(max(0.0, now_ms - at) / 1000, trace, *_STEPS)
        decided = [each.decision for each in stored]
        outcomes = Counter((each.scheme, each.outcome, each.rule_version) for each in decided)
        for labels, number in outcomes.items():
            self._decisions.labels(self._service, *labels).inc(number)
        codes = Counter(reason.code for each in decided for reason in each.reasons)
        for code, number in codes.items():
            self._reasons.get(code, self._reasons[_OTHER]).inc(number)
