"""Admits requests: who sends them, within which limits."""

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from services.intake.access.authentication import ANONYMOUS, Authenticator, Client
from services.intake.http.problems import (
    not_accepted_now,
)
from services.intake.http.requests import header_of, idempotency_key, traceparent_of
from services.intake.metrics import IntakeMetrics
from shared.errors import TransientError
from shared.http.json_bodies import RawHeaders
from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit, network_of

_UNKNOWN: Final = ("unknown", 0)


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The largest body, and the rate limits of API keys and of addresses."""

    body_bytes: int
    of_keys: RateLimit
    of_addresses: RateLimit


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What comes with a body: its client, idempotency key and trace context."""

    client: Client
    idempotency_key: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Identifies the client of each request and counts the request against its limits."""

    authenticator: Authenticator
    metrics: IntakeMetrics
    limits: RequestLimits

    async def context(self, scope: Scope) -> RequestContext:
        """Return client, idempotency key and trace of a request; raises `Problem` to refuse it."""
        client = await self.client(scope)
        headers: RawHeaders = scope["headers"]
        return RequestContext(client, idempotency_key(headers), traceparent_of(scope))

    async def client(self, scope: Scope) -> Client:
        """Return the client of a request, counted against its limits; raises `Problem`."""
        try:
            client = await self.authenticator.client(header_of(scope["headers"], b"authorization"))
        except TransientError as error:
            raise not_accepted_now() from error
        except Problem:  # counted against the address, to limit the guessing of keys
            self._count_for_address(scope)
            raise
        if client is ANONYMOUS:
            self._count_for_address(scope)
        else:
            self.limits.of_keys.take(client.id)
        return client

    def _count_for_address(self, scope: Scope) -> None:
        address, _port = scope.get("client") or _UNKNOWN
        self.limits.of_addresses.take(network_of(address))
