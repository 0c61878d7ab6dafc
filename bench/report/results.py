"""What `bench/results/latest.json` holds."""

from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from devstack.stack.program import PROJECT

LATEST: Final = PROJECT / "bench" / "results" / "latest.json"


class Part(BaseModel):
    """Base of all parts: unknown names are errors, so that pages and files cannot drift apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Round(Part):
    """One run, as it was measured."""

    events: int
    ended: str
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_mb: float
    first_effect_seconds: float
    seconds: float
    lost: int
    doubled: int
    wrong: int
    repeated: int
    dead_letters: int
    last_words: str = ""

    @property
    def counts(self) -> bool:
        """Whether every application was decided, once and rightly."""
        return not (self.lost or self.doubled or self.wrong)


class PipelineFigures(Part):
    """One contender: medians over the rounds that count, the most memory of any.

    `lost` and `doubled` are over all rounds and the one with poison, whose own are in `poison`.
    `redelivered` is a second run over what was decided before: nothing may change.
    """

    what: str
    events_per_second: float | None = None
    best_events_per_second: float | None = None
    cpu_us_per_event: float | None = None
    peak_rss_mb: float | None = None
    lost: int | None = None
    doubled: int | None = None
    first_effect_seconds: float | None = None
    not_run: str | None = None
    rounds: list[Round] = []
    poison: Round | None = None
    redelivered: Round | None = None


class RequestFigures(Part):
    """Requests to one server: what it took and how long they waited."""

    what: str
    per_second: float | None = None
    cpu_us_each: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    failed: int = 0
    not_run: str | None = None
    rounds: list[float] = []
    p99_ms_of_rounds: list[float] = []


class RateFigures(Part):
    """Something that is done so often a second."""

    what: str
    per_second: float | None = None
    cpu_us_each: float | None = None
    not_run: str | None = None
    rounds: list[float] = []


class LatencyFigures(Part):
    """How long something takes, one at a time on an idle machine."""

    what: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    not_run: str | None = None
    samples_ms: list[float] = []


class RecoveryFigures(Part):
    """From kill -9 to the first new decision, by a supervisor's restart."""

    median_seconds: float | None = None
    worst_seconds: float | None = None
    lost: int = 0
    doubled: int = 0
    not_run: str | None = None
    rounds: list[float] = []


class GrowthFigures(Part):
    """One size of work, done by the service."""

    what: str
    value: int
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_mb: float


class LoadFigures(Part):
    """How long events take to become decision events while so many come in every second."""

    contender: str
    events_per_second: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    not_run: str | None = None


class Results(Part):
    """One benchmark."""

    plan: str
    measured_at: datetime
    commit: str
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    pipeline: dict[str, PipelineFigures] = {}
    intake: dict[str, RequestFigures] = {}
    notify: dict[str, RateFigures] = {}
    replay: dict[str, RateFigures] = {}
    latency: dict[str, LatencyFigures] = {}
    recovery: RecoveryFigures | None = None
    growth: list[GrowthFigures] = []
    load: list[LoadFigures] = []
    stages_us: dict[str, float] = {}
    start_seconds: dict[str, float] = Field(default_factory=dict)


def write(results: Results, file: Path = LATEST) -> None:
    """Write the results; a reader never sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(results.model_dump_json(indent=2) + "\n")
    draft.replace(file)


def load(file: Path = LATEST) -> Results:
    """Read results."""
    return Results.model_validate_json(file.read_text())
