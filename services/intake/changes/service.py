"""Amends and withdraws applications. Each change is a new version."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import ANONYMOUS, Client
from services.intake.access.ids import Identity
from services.intake.access.in_flight import InFlightRequests
from services.intake.http.if_match import Precondition
from services.intake.http.problems import (
    contradictions,
    key_reused,
    not_accepted_now,
    other_client,
    unknown_application,
    version_changed,
    withdrawn_already,
)
from services.intake.metrics import IntakeMetrics
from services.intake.rules import amendment_breaches
from services.intake.settings import SERVICE
from services.intake.store.versions import Change, MongoVersions, Version
from services.intake.submission.body import Submission, read_submission
from services.intake.submission.events import (
    AcceptanceContext,
    application_document,
    application_event,
    contact_event,
    withdrawal_event,
)
from shared.errors import TransientError
from shared.events.intake import ApplicationAmended
from shared.outbox.relay import Outbox
from shared.outbox.tracing import WriteTrace

_NO_BODY: Final = b""


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A requested change: the application, the request and its preconditions."""

    application_id: str
    context: RequestContext
    precondition: Precondition


@dataclass(frozen=True, slots=True)
class _RequestId:
    """Identifies a repeat of a request, and a different body under the same key."""

    key: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class ChangeService:
    """Accepts changes. Each is stored once, however often it is sent under the same key."""

    identity: Identity
    versions: MongoVersions
    outbox: Outbox
    in_flight: InFlightRequests
    metrics: IntakeMetrics
    now: Callable[[], datetime]
    seconds: float

    async def amend(self, body: bytes, request: ChangeRequest) -> Version:
        """Replace the current version; raises `Problem` if it is not stored."""
        submission = read_submission(body)
        traceparent = request.context.traceparent
        return await self._change(
            request, body, lambda version: _amendment(submission, version, traceparent)
        )

    async def withdraw(self, request: ChangeRequest) -> Version:
        """Withdraw permanently; raises `Problem` if that is not possible."""
        traceparent = request.context.traceparent
        return await self._change(
            request, _NO_BODY, lambda version: _withdrawal(version, traceparent)
        )

    async def _change(
        self, request: ChangeRequest, body: bytes, change_to: Callable[[Version], Change]
    ) -> Version:
        client, key = request.context.client, request.context.idempotency_key
        request_id = _RequestId(
            self.identity.request(client.id, key), self.identity.fingerprint(body)
        )
        with self.in_flight.holding((request.application_id, request_id.key)):
            try:
                async with asyncio.timeout(self.seconds):
                    return await self._store_version(request, request_id, change_to)
            except (TransientError, TimeoutError) as error:
                raise not_accepted_now() from error

    async def _store_version(
        self, request: ChangeRequest, request_id: _RequestId, change_to: Callable[[Version], Change]
    ) -> Version:
        while True:  # until no other change intervenes, or time is up
            versions = await self.versions.of(request.application_id)
            if not versions:
                raise unknown_application()
            current = versions[-1]
            _check_client(current, request.context.client)
            for each in versions:
                if each.request == request_id.key:
                    return self._replay(each, request_id.fingerprint)
            _check_state(current, request.precondition)
            change = change_to(_next_version(current, request_id, self.now()))
            trace = WriteTrace(SERVICE, "applications")
            if await self.versions.add(change, current):
                trace.end([change.events])
                self._on_stored(change, current)
                return change.version

    def _replay(self, version: Version, fingerprint: bytes) -> Version:
        is_same = version.fingerprint == fingerprint
        self.metrics.replayed(same_body=is_same)
        if not is_same:
            raise key_reused()
        return version

    def _on_stored(self, change: Change, after: Version) -> None:
        self.metrics.changed(withdrawn=change.version.is_withdrawal)
        if after.waiting_since is None:  # otherwise the outbox publishes it after its predecessor
            self.outbox.enqueue([change.unpublished])


def _check_client(current: Version, client: Client) -> None:
    # Anybody who knows the id of an anonymous application may change it; ids cannot be guessed.
    if current.client_id not in {client.id, ANONYMOUS.id}:
        raise other_client()


def _check_state(current: Version, precondition: Precondition) -> None:
    if current.is_withdrawal:
        raise withdrawn_already()
    if not precondition.holds(current.number):
        raise version_changed(current.number)


def _next_version(current: Version, request_id: _RequestId, now: datetime) -> Version:
    return replace(
        current,
        number=current.number + 1,
        accepted_at=max(now, current.accepted_at),
        request=request_id.key,
        fingerprint=request_id.fingerprint,
        waiting_since=None,
    )


def _amendment(submission: Submission, version: Version, traceparent: str) -> Change:
    application = submission.application
    found = list(
        amendment_breaches(application, submission.received_at, version.stream, version.accepted_at)
    )
    if found:
        raise contradictions(found)
    context = _acceptance_context(version, traceparent)
    events = [
        contact_event(submission, context),
        application_event(ApplicationAmended, submission, context, version.received_at),
    ]
    return Change(version, application_document(application), events)


def _withdrawal(version: Version, traceparent: str) -> Change:
    withdrawal = withdrawal_event(_acceptance_context(version, traceparent))
    return Change(replace(version, is_withdrawal=True), None, [withdrawal])


def _acceptance_context(version: Version, traceparent: str) -> AcceptanceContext:
    return AcceptanceContext(
        application_id=version.application_id,
        client_id=version.client_id,
        fingerprint=version.fingerprint,
        accepted_at=version.accepted_at,
        traceparent=traceparent,
        version=version.number,
    )
