"""What the routes work with while the service runs, and how every request is received."""

from dataclasses import dataclass

from fastapi import Request

from services.intake.authentication import Authenticator
from services.intake.changes import ChangeDesk
from services.intake.desk import Desk, Envelope
from services.intake.metrics import IntakeMetrics
from services.intake.refusals import not_accepted_now
from services.intake.requests import idempotency_key
from services.intake.trace import trace_of
from services.intake.versions import MongoVersions
from shared.errors import TransientError


@dataclass(frozen=True, slots=True)
class Reception:
    """Holds the desks together."""

    authenticator: Authenticator
    desk: Desk
    changes: ChangeDesk
    versions: MongoVersions
    metrics: IntakeMetrics
    max_body_bytes: int

    async def envelope(self, request: Request) -> Envelope:
        """Tell who sends a request, under which key; raises the problem that refuses it."""
        try:
            client = await self.authenticator.client(request.headers.get("authorization"))
        except TransientError as error:
            raise not_accepted_now() from error
        return Envelope(
            client, idempotency_key(request), trace_of(request.headers.get("traceparent"))
        )
