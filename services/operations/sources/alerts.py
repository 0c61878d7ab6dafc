"""Asks Prometheus which alerts fire."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import httpx
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

_WATCHDOG: Final = "Watchdog"
_FOR_NOBODY: Final = "none"  # what always fires, or only silences others
_ABOUT: Final = ("service", "group", "job")


class Alert(BaseModel):
    """An alert that fires."""

    name: str
    about: str = Field("", description="The service or consumer group, if it is about one.")
    severity: str = "ticket"
    summary: str = ""
    consequence: str = ""
    action: str = ""
    runbook: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alerts:
    """The firing alerts when they were last told, and whether Prometheus answers now.

    `is_watched` says whether the alert that always fires does.
    """

    source: Literal["not-set", "away", "answers"] = "not-set"
    told_at: datetime | None = None
    is_watched: bool = False
    firing: Sequence[Alert] = ()


class _Told(BaseModel):
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    state: str
    active_at: AwareDatetime | None = Field(None, alias="activeAt")

    def alert(self) -> Alert:
        said = self.annotations
        return Alert(
            name=self.labels.get("alertname", "?"),
            about=next((self.labels[each] for each in _ABOUT if each in self.labels), ""),
            severity=self.labels.get("severity", "ticket"),
            summary=said.get("summary", ""),
            consequence=said.get("consequence", ""),
            action=said.get("action", ""),
            runbook=said.get("runbook_url", ""),
            since=self.active_at,
        )


class _Data(BaseModel):
    alerts: list[_Told]


class _Answer(BaseModel):
    data: _Data


async def ask(
    client: httpx.AsyncClient, url: str | None, before: Alerts, seconds: float, now: datetime
) -> Alerts:
    """Return the alerts that fire; if Prometheus does not answer in time, those it told last."""
    if url is None:
        return Alerts()
    try:
        async with asyncio.timeout(seconds):
            answer = await client.get(f"{url.rstrip('/')}/api/v1/alerts")
        answer.raise_for_status()
        told = _Answer.model_validate_json(answer.content).data.alerts
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValidationError, ValueError):
        return replace(before, source="away")
    firing = [each.alert() for each in told if each.state == "firing"]
    return Alerts(
        "answers",
        now,
        any(each.name == _WATCHDOG for each in firing),
        sorted(
            (each for each in firing if each.severity != _FOR_NOBODY),
            key=lambda each: (each.severity != "page", each.name, each.summary),
        ),
    )
