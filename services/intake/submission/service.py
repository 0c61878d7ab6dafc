"""Accepts one submission: from bytes to a receipt or a problem."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import Client
from services.intake.access.ids import Identity
from services.intake.access.in_flight import InFlightRequests
from services.intake.http.problems import (
    contradictions,
    key_reused,
    may_not_backdate,
    not_accepted_now,
)
from services.intake.metrics import IntakeMetrics
from services.intake.rules import breaches
from services.intake.store.api_keys import Right
from services.intake.store.applications import Acceptance, Receipt
from services.intake.submission.body import Submission, read_submission
from services.intake.submission.events import AcceptanceContext, accept
from services.intake.submission.writer import Writer
from shared.errors import TransientError


@dataclass(frozen=True, slots=True)
class SubmissionService:
    """Accepts submissions. Each is stored once, however often it is sent under the same key."""

    identity: Identity
    writer: Writer
    in_flight: InFlightRequests
    metrics: IntakeMetrics
    now: Callable[[], datetime]

    async def submit(self, body: bytes, context: RequestContext) -> Receipt:
        """Store a submission durably; raises `Problem` if it is not stored."""
        acceptance = self.prepare(body, context)
        self.in_flight.acquire(acceptance.application_id)
        try:
            receipt = await self.writer.write(acceptance)
        except TransientError as error:
            raise not_accepted_now() from error
        finally:
            self.in_flight.release(acceptance.application_id)
        return self.resolve(acceptance, receipt)

    def prepare(self, body: bytes, context: RequestContext) -> Acceptance:
        """Build the application to store; raises `Problem` if the submission is invalid."""
        now = self.now()
        submission = read_submission(body)
        _check(submission, context.client, now)
        client_id = context.client.id
        return accept(
            submission,
            AcceptanceContext(
                application_id=self.identity.application_id(client_id, context.idempotency_key),
                client_id=client_id,
                fingerprint=self.identity.fingerprint(body),
                accepted_at=now,
                traceparent=context.traceparent,
            ),
        )

    def resolve(self, acceptance: Acceptance, receipt: Receipt) -> Receipt:
        """Count a stored submission; raises `Problem` if the key was used with another body."""
        if receipt.is_new:
            self.metrics.accepted(acceptance.stream)
            return receipt
        is_same = receipt.fingerprint == acceptance.fingerprint
        self.metrics.replayed(same_body=is_same)
        if not is_same:
            raise key_reused()
        return receipt


def _check(submission: Submission, client: Client, now: datetime) -> None:
    if submission.received_at and Right.BACKDATE not in client.rights:
        raise may_not_backdate()
    found = list(breaches(submission.application, submission.received_at, now))
    if found:
        raise contradictions(found)
