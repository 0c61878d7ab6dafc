"""What is wrong, the most urgent first, and what to do about it. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from services.operations.overview.model import Finding, Overview
from services.operations.overview.staleness import find_stale

_LATE_SECONDS: Final = 60.0
_OLD_SECONDS: Final = 4 * 3600.0
_SERVICES: Final = "docs/runbooks/services.md"
_LAG: Final = "docs/runbooks/operations.md"
_LETTERS: Final = "docs/runbooks/dead-letters.md"
_ALERTING: Final = "docs/runbooks/alerting.md"
_ORPHANS: Final = "docs/runbooks/orphans.md"
_DEPENDENCIES: Final = {
    "kafka": ("Kafka", "docs/runbooks/infrastructure.md#kafkadown"),
    "mongodb": ("MongoDB", "docs/runbooks/infrastructure.md#mongodown"),
}
State = Literal["fine", "ticket", "page", "unknown"]


def find_problems(overview: Overview) -> Iterator[Finding]:
    """Yield what is wrong: causes before their consequences, pages before tickets."""
    seen = [
        *_shared_dependencies(overview),
        *_services(overview),
        *_lag(overview),
        *_orphans(overview),
        *_dead_letters(overview),
        *_blind_spots(overview),
        *find_stale(overview),
    ]
    alerts = [each for each in _alerts(overview) if not any(_says(one, each) for one in seen)]
    found = [*seen, *alerts]
    yield from sorted(found, key=lambda each: each.severity != "page")


def _says(seen: Finding, alert: Finding) -> bool:
    """Return whether the page says already what an alert does, as urgently as it does."""
    told = {seen.runbook, seen.runbook.partition("#")[0]}  # a section is a case of its page
    is_as_urgent = seen.severity == "page" or alert.severity != "page"
    return is_as_urgent and alert.runbook in told and seen.about in {"", alert.about}


def state_of(overview: Overview, problems: Sequence[Finding]) -> State:
    """Return the worst of all, or that nothing is known."""
    if overview.looked_seconds_ago is None or not overview.processes:
        return "unknown"
    return problems[0].severity if problems else "fine"


def summary_of(state: State, problems: Sequence[Finding]) -> str:
    """Say in one sentence whether anything is wrong."""
    number = len(problems)
    many = "One thing is wrong" if number == 1 else f"{number} things are wrong"
    match state:
        case "fine":
            return "Nothing is wrong."
        case "page":
            return f"{many}. Act now."
        case "ticket":
            return f"{many}. It can wait until the next working day."
        case "unknown":
            return "Nothing is known of any service yet."


def _shared_dependencies(overview: Overview) -> Iterator[Finding]:
    """Name what several services wait for once, as one cause."""
    for check, (name, runbook) in _DEPENDENCIES.items():
        waiting = {each.service for each in overview.processes if check in each.waiting_for}
        if len(waiting) > 1:
            yield Finding(
                severity="page",
                what=f"{name} cannot be reached: {len(waiting)} services wait for it.",
                action=f"Start {name} again, or repair the network to it. "
                "The services then go on by themselves.",
                runbook=runbook,
            )


def _services(overview: Overview) -> Iterator[Finding]:
    for each in overview.processes:
        if each.state == "away":
            yield Finding(
                severity="page",
                about=each.service,
                what=f"{each.service} at {each.instance} is away: {each.away_because}.",
                action=f"Check whether {each.service} runs, then start it again. "
                "Its work waits; nothing is lost.",
                runbook=f"{_SERVICES}#consumergone",
            )
        elif each.waiting_for:
            yield _waiting(each.service, each.state == "waiting", each.waiting_for)


def _waiting(service: str, is_unready: bool, checks: Sequence[str]) -> Finding:  # noqa: FBT001
    return Finding(
        severity="page" if is_unready else "ticket",
        about=service,
        what=f"{service} {'is not ready' if is_unready else 'is degraded'}: "
        f"it waits for {', '.join(checks)}.",
        action="Repair what it waits for; it then goes on by itself.",
        runbook=f"{_SERVICES}#servicewaits",
    )


def _lag(overview: Overview) -> Iterator[Finding]:
    for each in overview.lag:
        if not each.is_registered:
            continue  # a group that somebody tried something with
        if each.members == 0:
            behind = f" It is {each.seconds:.0f} s behind." if each.seconds else ""
            yield Finding(
                severity="page",
                about=each.group,
                what=f"{each.group} has no member: nobody consumes.{behind}",
                action=f"Start {each.group} again. Its work waits; nothing is lost.",
                runbook=f"{_LAG}#consumergroupempty",
            )
        elif (each.seconds or 0) > _LATE_SECONDS:
            yield Finding(
                severity="page",
                about=each.group,
                what=f"{each.group} is {each.seconds:.0f} s behind ({each.records:,} records).",
                action=f"Check whether {each.group} runs and is ready. If it is, wait: "
                "does its lag shrink in the plot?",
                runbook=f"{_LAG}#laggrowing",
            )


def _alerts(overview: Overview) -> Iterator[Finding]:
    for each in overview.alerts.firing:
        yield Finding(
            severity="page" if each.severity == "page" else "ticket",
            about=each.about,
            what=f"Alert {each.name}: {each.summary}",
            action=each.action,
            runbook=each.runbook,
        )


def _orphans(overview: Overview) -> Iterator[Finding]:
    for stage, number in overview.orphans.counts.items():
        if number:
            yield Finding(
                severity="page" if stage == "decided" else "ticket",
                what=f"{number} applications should have been {stage} by now, and are not.",
                action=f"Run `{overview.orphans.command}`, then `cppp status ID` for one of them.",
                runbook=_ORPHANS,
            )


def _dead_letters(overview: Overview) -> Iterator[Finding]:
    """Tell all of them as one: a record that nobody can handle is one of several groups."""
    waiting = [each for each in overview.dead_letters.counts if each.open]
    if waiting:
        groups = Counter[str]()
        for each in waiting:
            groups[each.group] += each.open
        is_old = any((each.oldest_seconds or 0) > _OLD_SECONDS for each in waiting)
        yield Finding(
            severity="ticket",
            what=f"{groups.total():,} dead letters wait for somebody"
            f"{', some for more than four hours' if is_old else ''}: "
            f"{', '.join(f'{number:,} of {group}' for group, number in groups.items())}.",
            action="See what they are with `cppp dead-letters list --state open`, fix the cause, "
            "then redrive them.",
            runbook=f"{_LETTERS}#deadlettersold" if is_old else _LETTERS,
        )


def _blind_spots(overview: Overview) -> Iterator[Finding]:
    """Yield what this page cannot see now, so that its silence does not look healthy."""
    ageless = [
        each.group
        for each in overview.lag
        if each.is_registered and each.records and each.seconds is None
    ]
    for blind, what, action, runbook in (
        (
            overview.alerts.source == "away",
            "Prometheus does not answer: alerts are not seen, and may not be sent.",
            "Start Prometheus again.",
            f"{_ALERTING}#watchdog",
        ),
        (
            overview.alerts.source == "answers" and not overview.alerts.is_watched,
            "The alert that always fires does not: no alert may reach anybody.",
            "Check Prometheus' rules, then Alertmanager.",
            f"{_ALERTING}#watchdog",
        ),
        (
            bool(ageless),
            f"How long records wait is not known of {', '.join(ageless)}.",
            "Check whether all brokers answer: the first record of each could not be read.",
            f"{_LAG}#lagunknown",
        ),
        (
            bool(overview.unreadable_targets),
            f"Target files cannot be read: {', '.join(overview.unreadable_targets)}.",
            "Repair them: their services are missing here and in Prometheus.",
            "",
        ),
    ):
        if blind:
            yield Finding(severity="ticket", what=what, action=action, runbook=runbook)
