"""The model of `bench/results/latest.json`."""

from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from devstack.stack.program import PROJECT

LATEST: Final = PROJECT / "bench" / "results" / "latest.json"


class ResultsModel(BaseModel):
    """Base class; unknown fields are errors, so that code and file cannot diverge."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Round(ResultsModel):
    """The figures of one run."""

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
        """Whether every application was decided once and correctly."""
        return not (self.lost or self.doubled or self.wrong)


class PipelineFigures(ResultsModel):
    """One contender: medians over the rounds that count, and the peak memory of all.

    `lost` and `doubled` are totals of all rounds and of `poison`, the run with bad records.
    `redelivered` is a second run over the same events, which must change nothing.
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


class RequestFigures(ResultsModel):
    """Requests to one server: rate, cost and latency."""

    what: str
    per_second: float | None = None
    cpu_us_each: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    failed: int = 0
    not_run: str | None = None
    rounds: list[float] = []
    p99_ms_of_rounds: list[float] = []


class RateFigures(ResultsModel):
    """A rate and the cost of one operation."""

    what: str
    per_second: float | None = None
    cpu_us_each: float | None = None
    not_run: str | None = None
    rounds: list[float] = []


class MailRate(ResultsModel):
    """The mails per second of one sender to a mail server that takes some time for each."""

    sender: str
    answer_ms: int
    per_second: float | None = None


class LatencyFigures(ResultsModel):
    """Latency on an idle machine, one event or request at a time."""

    what: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    not_run: str | None = None
    samples_ms: list[float] = []


class ScrapeFigures(ResultsModel):
    """How long it took to answer `GET /metrics` while the service worked at its limit."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    longest_ms: float | None = None
    samples_ms: list[float] = []


class MetricsFigures(ResultsModel):
    """The eligibility service with its metrics and without, and scrapes of it."""

    metered: PipelineFigures
    unmetered: PipelineFigures
    scrapes: ScrapeFigures


class TracingFigures(ResultsModel):
    """The eligibility service without traces, with one in a hundred, and with all of them."""

    off: PipelineFigures
    one_percent: PipelineFigures
    all: PipelineFigures
    spans: int = 0


class PageFigures(ResultsModel):
    """Visits to one kind of page: the time from when each was due, and the largest as sent."""

    visits: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float
    transferred_kb: float


class PortalFigures(ResultsModel):
    """The public site at a steady rate of visits, and while as many items again are published.

    `loaded_seconds` is from its start until it is ready; a stall is the longest answer of `/livez`.
    """

    items: int
    per_second: int
    loaded_seconds: float
    cpu_ms_each: float
    peak_rss_mb: float
    pages: dict[str, PageFigures] = {}
    longest_stall_ms: float
    pages_while_refreshing: dict[str, PageFigures] = {}
    longest_stall_while_refreshing_ms: float


class RecoveryFigures(ResultsModel):
    """The time from kill -9 and an immediate restart to the first new decision."""

    median_seconds: float | None = None
    worst_seconds: float | None = None
    lost: int = 0
    doubled: int = 0
    not_run: str | None = None
    rounds: list[float] = []


class GrowthFigures(ResultsModel):
    """The eligibility service at one size of one dimension."""

    what: str
    value: int
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_mb: float


class LoadFigures(ResultsModel):
    """Latency of one contender at one rate of events."""

    contender: str
    events_per_second: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    not_run: str | None = None


class PlatformStep(ResultsModel):
    """The whole platform at one rate of single applications.

    `accepted` is from when an application was due, `decided` and `mailed` from its acceptance.
    `kept_up`: nothing is lost, and the last mail followed the last acceptance within two seconds.
    """

    per_second: int
    accepted_p50_ms: float | None
    accepted_p95_ms: float | None
    decided_p50_ms: float | None
    decided_p95_ms: float | None
    mailed_p50_ms: float | None
    mailed_p95_ms: float | None
    kept_up: bool
    cpu_ms: dict[str, float]


class PlatformFigures(ResultsModel):
    """Applications from POST to the last mail: medians over the rounds that count.

    `cpu_ms` is the processor time of each process for one application, until all is at rest again;
    `at_rest_percent` is the share of a core of each process without any load.
    """

    what: str
    applications: int = 0
    accepted_per_second: float | None = None
    decided_per_second: float | None = None
    mailed_per_second: float | None = None
    cpu_ms: dict[str, float] = {}
    at_rest_percent: dict[str, float] = {}
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    not_run: str | None = None
    rounds: list[float] = []
    cpu_ms_of_rounds: list[float] = []
    steps: list[PlatformStep] = []

    @property
    def counts(self) -> bool:
        """Whether it ran, and nothing is refused, lost or doubled."""
        return not (self.not_run or self.refused or self.lost or self.doubled)

    @property
    def total_cpu_ms(self) -> float | None:
        """The processor time of all processes for one application."""
        return sum(self.cpu_ms.values()) if self.cpu_ms else None


class Results(ResultsModel):
    """The results of one benchmark."""

    plan: str
    measured_at: datetime
    commit: str
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    platform: dict[str, PlatformFigures] = {}
    pipeline: dict[str, PipelineFigures] = {}
    intake: dict[str, RequestFigures] = {}
    notify: dict[str, RateFigures] = {}
    mail_rates: list[MailRate] = []
    mail_connections: int | None = None
    replay: dict[str, RateFigures] = {}
    latency: dict[str, LatencyFigures] = {}
    recovery: RecoveryFigures | None = None
    growth: list[GrowthFigures] = []
    metrics: MetricsFigures | None = None
    tracing: TracingFigures | None = None
    portal: PortalFigures | None = None
    load: list[LoadFigures] = []
    stages_us: dict[str, float] = {}
    start_seconds: dict[str, float] = Field(default_factory=dict)


def write_results(results: Results, file: Path = LATEST) -> None:
    """Replace the results file atomically."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new_file = file.with_suffix(".new")
    new_file.write_text(results.model_dump_json(indent=2) + "\n")
    new_file.replace(file)


def load_results(file: Path = LATEST) -> Results:
    """Read a results file."""
    return Results.model_validate_json(file.read_text())
