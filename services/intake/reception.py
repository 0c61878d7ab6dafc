"""What the routes work with while the service runs, and how every request is received."""

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from services.intake.authentication import ANONYMOUS, Authenticator, Client
from services.intake.bulk_desk import BulkDesk
from services.intake.changes import ChangeDesk
from services.intake.desk import Desk, Envelope
from services.intake.metrics import IntakeMetrics
from services.intake.rate_limit import RateLimit, network_of
from services.intake.refusals import not_accepted_now
from services.intake.requests import RawHeaders, idempotency_key
from services.intake.trace import trace_of
from services.intake.versions import MongoVersions
from shared.errors import TransientError
from shared.problems import Problem

_UNKNOWN: Final = ("unknown", 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a body may be, and how much a key and an address may send."""

    body_bytes: int
    of_keys: RateLimit
    of_addresses: RateLimit


@dataclass(frozen=True, slots=True)
class Reception:
    """Holds the desks together."""

    authenticator: Authenticator
    desk: Desk
    bulk: BulkDesk
    changes: ChangeDesk
    versions: MongoVersions
    metrics: IntakeMetrics
    limits: Limits

    async def envelope(self, scope: Scope) -> Envelope:
        """Tell who sends a request, under which key; raises the problem that refuses it."""
        client = await self.client(scope)
        headers: RawHeaders = scope["headers"]
        return Envelope(
            client, idempotency_key(headers), trace_of(_header(headers, b"traceparent"))
        )

    async def client(self, scope: Scope) -> Client:
        """Tell who sends a request, and take it from what they may send."""
        try:
            client = await self.authenticator.client(_header(scope["headers"], b"authorization"))
        except TransientError as error:
            raise not_accepted_now() from error
        except Problem:  # nobody tries many keys
            self._take_from_address(scope)
            raise
        if client is ANONYMOUS:
            self._take_from_address(scope)
        else:
            self.limits.of_keys.take(client.id)
        return client

    def _take_from_address(self, scope: Scope) -> None:
        address, _port = scope.get("client") or _UNKNOWN
        self.limits.of_addresses.take(network_of(address))


def _header(headers: RawHeaders, wanted: bytes) -> str | None:
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None
