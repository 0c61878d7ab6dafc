"""What the pages of the self-check need while the service runs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.portal.self_check.circuit import Circuit
from services.portal.self_check.eligibility import OUTCOMES, Count, Eligibility
from services.portal.settings import PortalSettings
from shared.http.rate_limit import RateLimit
from shared.metrics import Metrics


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The rules, and how often an address may ask them."""

    eligibility: Eligibility
    limit: RateLimit


@asynccontextmanager
async def self_check_running(
    settings: PortalSettings, metrics: Metrics
) -> AsyncIterator[SelfCheck]:
    """Hold the connections to `eligibility` open."""
    eligibility = Eligibility(
        settings.eligibility_url,
        settings.eligibility_seconds,
        counting(metrics),
        Circuit(failures=3, seconds=5.0, now=time.monotonic),
    )
    try:
        yield SelfCheck(eligibility, RateLimit(settings.checks_per_minute))
    finally:
        await eligibility.close()


def counting(metrics: Metrics) -> Count:
    """Return what counts the calls by how they ended."""
    calls = metrics.counter(
        "cppp_portal_assessments",
        "Calls of the self-check to eligibility, by how they ended.",
        "outcome",
    )
    children = {each: calls.labels(metrics.service, each) for each in OUTCOMES}
    return lambda outcome: children[outcome].inc()
