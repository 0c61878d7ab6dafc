"""The metrics of this service beyond the shared ones."""

from typing import Final

from services.intake.settings import SERVICE
from shared.metrics import Metrics

_SCHEMES = ("funding", "recognition")
_REPLAYS = ("replayed", "mismatch", "conflict")
REASONS: Final = (
    "application-withdrawn",
    "backdate-not-allowed",
    "blank-line",
    "body-cut-off",
    "body-not-wanted",
    "body-too-large",
    "bulk-not-allowed",
    "idempotency-key-in-progress",
    "idempotency-key-invalid",
    "idempotency-key-missing",
    "idempotency-key-reused",
    "if-match-invalid",
    "invalid-application",
    "invalid-parameter",
    "line-too-long",
    "malformed-json",
    "malformed-line",
    "not-ndjson",
    "other-client",
    "request-timeout",
    "temporarily-unavailable",
    "too-many-requests",
    "unauthenticated",
    "unknown-application",
    "unsupported-media-type",
    "version-changed",
)
"""The kinds of problems for which a request is refused."""


class IntakeMetrics:
    """Applications accepted and refused, and repeats of requests. Reasons are problem kinds."""

    def __init__(self, metrics: Metrics) -> None:
        accepted = metrics.counter(
            "cppp_applications_accepted", "Applications stored durably.", "scheme"
        )
        self._accepted = {each: accepted.labels(SERVICE, each) for each in _SCHEMES}
        self._rejected = metrics.counter(
            "cppp_applications_rejected", "Requests that were refused with a problem.", "reason"
        )
        for each in REASONS:
            self._rejected.labels(SERVICE, each)
        changes = metrics.counter(
            "cppp_applications_changed", "Amendments and withdrawals stored durably.", "change"
        )
        self._changes = {
            is_withdrawal: changes.labels(SERVICE, change)
            for is_withdrawal, change in ((False, "amended"), (True, "withdrawn"))
        }
        replays = metrics.counter(
            "cppp_idempotent_replays",
            "Requests with a known idempotency key: replayed (same body), mismatch (different "
            "body), or conflict (the first request was still in flight).",
            "outcome",
        )
        self._replays = {each: replays.labels(SERVICE, each) for each in _REPLAYS}

    def accepted(self, stream: str) -> None:
        """Count a new application."""
        self._accepted["recognition" if stream == "recognition" else "funding"].inc()

    def changed(self, *, withdrawn: bool) -> None:
        """Count an amendment or a withdrawal."""
        self._changes[withdrawn].inc()

    def rejected(self, reason: str) -> None:
        """Count a refusal."""
        self._rejected.labels(SERVICE, reason).inc()

    def replayed(self, *, same_body: bool) -> None:
        """Count a repeat of a request."""
        self._replays["replayed" if same_body else "mismatch"].inc()

    def in_conflict(self) -> None:
        """Count a repeat of a request that is still in flight."""
        self._replays["conflict"].inc()
