"""Asks Prometheus how the objectives of docs/slo.md are met."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from math import isnan
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_TARGET: Final = "objective:target:ratio"
_HOUR: Final = "objective:bad_events:ratio_rate1h"
_BUDGET: Final = "objective:budget_left:ratio30d"
_QUERY: Final = f'{{__name__=~"{_TARGET}|{_HOUR}|{_BUDGET}"}}'


class Objective(BaseModel):
    """What is promised and what is kept; null is what had no events."""

    model_config = ConfigDict(frozen=True)

    name: str
    target_percent: float
    hour_percent: float | None = Field(description="How many were good in the last hour.")
    budget_left_percent: float | None = Field(
        description="Of the error budget of 30 days; below 0 the objective is missed."
    )


class _Series(BaseModel):
    metric: dict[str, str]
    value: tuple[float, float]


class _Data(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Data


async def ask(
    client: httpx.AsyncClient, url: str | None, before: Sequence[Objective], seconds: float
) -> Sequence[Objective]:
    """Return the objectives; if Prometheus does not answer in time, as they were before."""
    if url is None:
        return ()
    try:
        async with asyncio.timeout(seconds):
            answer = await client.get(f"{url.rstrip('/')}/api/v1/query", params={"query": _QUERY})
        answer.raise_for_status()
        told = _Answer.model_validate_json(answer.content).data.result
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValidationError, ValueError):
        return before
    return _objectives(told)


def _objectives(told: Sequence[_Series]) -> Sequence[Objective]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for each in told:
        value = each.value[1]
        if not isnan(value):
            found[each.metric.get("objective", "")][each.metric.get("__name__", "")] = value
    return [
        Objective(
            name=name,
            target_percent=100 * values[_TARGET],
            hour_percent=100 * (1 - values[_HOUR]) if _HOUR in values else None,
            budget_left_percent=100 * values[_BUDGET] if _BUDGET in values else None,
        )
        for name, values in sorted(found.items())
        if _TARGET in values
    ]
