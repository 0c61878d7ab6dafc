"""Accepts one submission: from its bytes to a receipt or a problem."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.intake.acceptance import Circumstances, accept
from services.intake.authentication import Client
from services.intake.identity import Identity
from services.intake.metrics import IntakeMetrics
from services.intake.progress import InProgress
from services.intake.refusals import (
    contradictions,
    key_reused,
    may_not_backdate,
    not_accepted_now,
)
from services.intake.rules import breaches
from services.intake.store import Acceptance, Receipt, Right
from services.intake.submission import Submission, read_submission
from services.intake.writer import Writer
from shared.errors import TransientError


@dataclass(frozen=True, slots=True)
class Envelope:
    """What comes with a body: whose it is, under which idempotency key, in which trace."""

    client: Client
    idempotency_key: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes submissions. Each is kept once, however often it comes under the same key."""

    identity: Identity
    writer: Writer
    in_progress: InProgress
    metrics: IntakeMetrics
    now: Callable[[], datetime]

    async def take(self, body: bytes, envelope: Envelope) -> Receipt:
        """Keep a submission durably; raises the problem that answers one that is not kept."""
        acceptance = self.judge(body, envelope)
        with self.in_progress.only(acceptance.application_id):
            try:
                receipt = await self.writer.write(acceptance)
            except TransientError as error:
                raise not_accepted_now() from error
        return self.settle(acceptance, receipt)

    def judge(self, body: bytes, envelope: Envelope) -> Acceptance:
        """Build what is to be kept; raises the problem that answers what cannot be."""
        now = self.now()
        submission = read_submission(body)
        _check(submission, envelope.client, now)
        client_id = envelope.client.id
        return accept(
            submission,
            Circumstances(
                application_id=self.identity.application_id(client_id, envelope.idempotency_key),
                client_id=client_id,
                fingerprint=self.identity.fingerprint(body),
                accepted_at=now,
                traceparent=envelope.traceparent,
            ),
        )

    def settle(self, acceptance: Acceptance, receipt: Receipt) -> Receipt:
        """Count what became of a submission; raises the problem that answers another body."""
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
