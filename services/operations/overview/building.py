"""Builds the overview from what was seen. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.operations.dead_letters.letters import OTHER, Count
from services.operations.dead_letters.metrics import age_seconds
from services.operations.overview.model import (
    DeadLetterCount,
    DeadLetters,
    FiringAlerts,
    FlowStep,
    Lag,
    Orphans,
    Overview,
    Process,
)
from services.operations.overview.problems import find_problems, state_of, summary_of
from services.operations.sources.alerts import Alerts
from services.operations.sources.history import History
from services.operations.sources.lag import GroupLag
from services.operations.sources.looking import Look
from services.operations.sources.services import Seen

RECENT_SECONDS: Final = 300.0
_MINUTE: Final = 60.0
_NORMAL: Final = {
    "accepted": "as many as apply; none at night is normal",
    "decided": "as many as are accepted; 95 % within 5 s",
    "mailed": "about two for each accepted: receipt and outcome; 95 % of outcomes within 10 s",
}


@dataclass(frozen=True, slots=True)
class Seeing:
    """Everything that the overview is made of."""

    look: Look
    letters: Mapping[str, Mapping[str, Count]]
    letters_counted_at: datetime | None
    clock: float


def build_overview(seeing: Seeing, now: datetime) -> Overview:
    """Return the overview at a time; never fails because a system is away."""
    look, age = seeing.look, _age(now)
    drafted = Overview(
        at=now,
        watched_seconds=(now - look.started_at).total_seconds(),
        looked_seconds_ago=age(look.looked_at),
        state="unknown",
        summary="",
        problems=(),
        flow=[*_flow(look.history, seeing.clock)],
        lag=[_lag(name, each) for name, each in look.lag.groups.items()],
        lag_read_seconds_ago=_seconds_since(look.lag.read_at, now),
        processes=[_process(each, age) for each in look.services],
        unreadable_targets=look.targets.unreadable,
        dead_letters=_dead_letters(seeing, now, age),
        orphans=_orphans(look, now),
        alerts=_alerts(look.alerts, age),
        objectives=look.objectives,
    )
    problems = [*find_problems(drafted)]
    state = state_of(drafted, problems)
    told = {"problems": problems, "state": state, "summary": summary_of(state, problems)}
    return drafted.model_copy(update=told)


def _age(now: datetime) -> Callable[[datetime | None], float | None]:
    def age(moment: datetime | None) -> float | None:
        return max(0.0, (now - moment).total_seconds()) if moment else None

    return age


def _seconds_since(timestamp: float, now: datetime) -> float | None:
    return max(0.0, now.timestamp() - timestamp) if timestamp else None


def _flow(history: History, clock: float) -> Iterator[FlowStep]:
    for step in ("accepted", "decided", "mailed"):
        recent = history.per_second(step, clock, RECENT_SECONDS)
        timed = history.rise(f"timed:{step}", clock, RECENT_SECONDS * 3)
        on_time = history.rise(f"on_time:{step}", clock, RECENT_SECONDS * 3)
        yield FlowStep(
            step=step,
            per_minute=None if recent is None else recent * _MINUTE,
            in_quarter_of_an_hour=(
                None if recent is None else history.rise(step, clock, RECENT_SECONDS * 3)
            ),
            on_time_percent=100 * on_time / timed if timed else None,
            normal=_NORMAL[step],
        )


def _lag(group: str, lag: GroupLag) -> Lag:
    return Lag(
        group=group,
        records=lag.records,
        seconds=lag.seconds,
        members=lag.members,
        is_registered=lag.is_registered,
        normal="below 10 s; in a rush it grows, and shrinks again by itself",
    )


def _process(seen: Seen, age: Callable[[datetime | None], float | None]) -> Process:
    return Process(
        service=seen.target.job,
        instance=seen.target.address,
        state=seen.state,
        waiting_for=seen.waiting_for,
        reasons=dict(seen.reasons),
        away_because=seen.away_because,
        away_seconds=age(seen.away_since),
        answered_seconds_ago=age(seen.answered_at),
        version=seen.figures.version,
        rules=seen.figures.rules,
    )


def _dead_letters(
    seeing: Seeing, now: datetime, age: Callable[[datetime | None], float | None]
) -> DeadLetters:
    counts = [
        DeadLetterCount(
            group=group,
            reason=reason,
            open=count.open,
            oldest_seconds=age_seconds(count, now),
            redriven=count.redriven,
            parked=count.parked,
            command=_list_command(group, reason, count),
        )
        for group, reasons in sorted(seeing.letters.items())
        for reason, count in reasons.items()
        if count.open or count.redriven or count.parked
    ]
    return DeadLetters(
        counted_seconds_ago=age(seeing.letters_counted_at),
        normal="none open",
        counts=counts,
    )


def _list_command(group: str, reason: str, count: Count) -> str:
    """Return the command that lists what a count stands for: `other` is no reason of a letter."""
    state = " --state open" if count.open else ""
    narrowed = f" --reason {reason}" if reason != OTHER else ""
    return f"cppp dead-letters list --letters{state} --group {group}{narrowed}"


def _orphans(look: Look, now: datetime) -> Orphans:
    """Every instance of reconciliation counts all: the latest count is taken."""
    counting = [each.figures for each in look.services if each.figures.orphans_at]
    latest = max(counting, key=lambda each: each.orphans_at, default=None)
    return Orphans(
        counted_seconds_ago=_seconds_since(latest.orphans_at, now) if latest else None,
        normal="0",
        counts=latest.orphans if latest else {},
        command="cppp orphans",
    )


def _alerts(alerts: Alerts, age: Callable[[datetime | None], float | None]) -> FiringAlerts:
    return FiringAlerts(
        source=alerts.source,
        told_seconds_ago=age(alerts.told_at),
        is_watched=alerts.is_watched,
        normal="none firing",
        firing=alerts.firing,
    )
