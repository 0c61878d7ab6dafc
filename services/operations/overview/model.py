"""The overview as `GET /v1/overview` returns it and the page shows it.

Ages and lag are in seconds, rates per minute. What is not known is null: nobody answered.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.operations.sources.alerts import Alert
from services.operations.sources.objectives import Objective

Severity = Literal["page", "ticket"]


class Part(BaseModel):
    """Base of all parts."""

    model_config = ConfigDict(frozen=True)


class Finding(Part):
    """Something that is wrong, and what to do about it."""

    severity: Severity = Field(description="page: act now. ticket: act on the next working day.")
    what: str
    about: str = Field("", description="The service or consumer group, if it is about one.")
    action: str
    runbook: str = Field(description="A page in docs/runbooks, or nothing.")


class FlowStep(Part):
    """One step of applications on their way: accepted, decided, mailed."""

    step: Literal["accepted", "decided", "mailed"]
    per_minute: float | None = Field(description="In the last five minutes.")
    in_quarter_of_an_hour: float | None
    on_time_percent: float | None = Field(
        description="How many of the last 15 minutes kept the promise in `normal`."
    )
    normal: str


class Lag(Part):
    """How far a consumer group is behind."""

    group: str
    records: int | None
    seconds: float | None
    members: int | None
    is_registered: bool = Field(description="Whether it is a service's, so that it must consume.")
    normal: str


class Process(Part):
    """One process of a service. Unless it is `away`, the rest is what it says now."""

    service: str
    instance: str
    state: Literal["ready", "degraded", "waiting", "away"]
    waiting_for: Sequence[str]
    reasons: dict[str, str]
    away_because: str
    away_seconds: float | None
    answered_seconds_ago: float | None
    version: str
    rules: str


class DeadLetterCount(Part):
    """Dead letters of one group and reason. Redriven and parked ones are not open."""

    group: str
    reason: str
    open: int
    oldest_seconds: float | None
    redriven: int
    parked: int
    command: str


class DeadLetters(Part):
    """Dead letters that are open; without any, all is normal."""

    counted_seconds_ago: float | None
    normal: str
    counts: Sequence[DeadLetterCount]


class Orphans(Part):
    """Applications without the answer that was due; `counts` by what is missing."""

    counted_seconds_ago: float | None
    normal: str
    counts: dict[str, int]
    command: str


class FiringAlerts(Part):
    """What Prometheus says. `is_watched`: the alert that always fires does."""

    source: Literal["not-set", "away", "answers"]
    told_seconds_ago: float | None
    is_watched: bool
    normal: str
    firing: Sequence[Alert]


class Overview(Part):
    """How the platform is doing."""

    at: datetime
    watched_seconds: float = Field(description="How long this process has looked.")
    looked_seconds_ago: float | None
    state: Literal["fine", "ticket", "page", "unknown"]
    summary: str
    problems: Sequence[Finding] = Field(description="The first one first.")
    flow: Sequence[FlowStep]
    lag: Sequence[Lag]
    lag_read_seconds_ago: float | None
    processes: Sequence[Process]
    unreadable_targets: Sequence[str]
    dead_letters: DeadLetters
    orphans: Orphans
    alerts: FiringAlerts
    objectives: Sequence[Objective] = Field(description="As Prometheus told them last.")
