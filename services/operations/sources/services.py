"""Asks a service how it is: `/readyz` and `/metrics`."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import httpx
from pydantic import BaseModel, ValidationError

from services.operations.sources.figures import Figures, parse_figures
from services.operations.sources.targets import Target

State = Literal["ready", "degraded", "waiting", "away"]
_ANSWERS: Final = frozenset({httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE})


class Readiness(BaseModel):
    """The answer of `/readyz`."""

    status: Literal["ready", "degraded", "waiting"]
    waiting_for: list[str] = []
    reasons: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one process.

    `answered_at` is the time of its last whole answer, from which the rest is; `away_because` says
    why there was none the last time, in a word.
    """

    target: Target
    state: State = "away"
    waiting_for: Sequence[str] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    answered_at: datetime | None = None
    away_since: datetime | None = None
    away_because: str = ""


async def ask(client: httpx.AsyncClient, before: Seen, seconds: float, now: datetime) -> Seen:
    """Return what a process says now, or that it says nothing; never raises."""
    base = f"http://{before.target.address}"
    try:
        async with asyncio.timeout(seconds):
            readyz, metrics = await asyncio.gather(
                client.get(f"{base}/readyz"), client.get(f"{base}/metrics")
            )
        return _seen(before, readyz, metrics, now)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
        return _away(before, _why(error), now)


def _seen(before: Seen, readyz: httpx.Response, metrics: httpx.Response, now: datetime) -> Seen:
    if readyz.status_code not in _ANSWERS:
        readyz.raise_for_status()
    metrics.raise_for_status()
    readiness = Readiness.model_validate_json(readyz.content)
    return Seen(
        before.target,
        readiness.status,
        readiness.waiting_for,
        readiness.reasons,
        parse_figures(metrics.text).with_orphans_of(before.figures),
        answered_at=now,
    )


def _away(before: Seen, why: str, now: datetime) -> Seen:
    return Seen(
        before.target,
        figures=before.figures,
        answered_at=before.answered_at,
        away_since=before.away_since or now,
        away_because=why,
    )


def _why(error: Exception) -> str:
    """Return why a process did not answer, without its address."""
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return "no answer in time"
        case httpx.ConnectError():
            return "no connection"
        case httpx.HTTPStatusError():
            return f"answered {error.response.status_code}"
        case ValidationError() | ValueError():
            return "an answer that is not this platform's"
        case _:
            return "the connection broke"
