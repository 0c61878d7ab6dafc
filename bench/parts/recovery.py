"""How long a service is away after kill -9, and how long each service takes to start."""

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from bench.harness.contender import CONTENDERS, Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import OURS, Effects
from bench.harness.installation import NotRunError
from bench.harness.plan import Plan
from bench.harness.process import running
from bench.harness.run import environment, make_room
from bench.harness.stack import Station, open_station
from bench.harness.verdict import Verdict, judge
from bench.parts.intake import intake_settings, serving
from bench.parts.mail_sink import mail_sink
from bench.parts.notify import TOPICS
from bench.report.results import RecoveryFigures
from devstack.waiting import wait_until

Say = Callable[[str], None]
SERVICES: Final = ("intake", "eligibility", "recognition", "notify")
_PATIENCE_SECONDS: Final = 120
_SETTLING_SECONDS: Final = 0.3  # less than any start takes
_KILL_AFTER: Final = 0.2  # of the work


def measure(plan: Plan, say: Say) -> dict[str, object]:
    """Kill the service in the middle of its work, several times; then start all services."""
    return {"recovery": _recovery(plan, say), "start_seconds": start_seconds(say)}


def _recovery(plan: Plan, say: Say) -> RecoveryFigures:
    rounds, verdicts = [], []
    with open_station() as station:
        data_set = DataSet(OURS.topic, plan.events)
        station.fill(data_set)
        for number in range(plan.recoveries):
            try:
                seconds, verdict = _kill_once(station, data_set)
            except NotRunError as error:
                return RecoveryFigures(not_run=str(error))
            rounds.append(round(seconds, 2))
            verdicts.append(verdict)
            say(f"round {number + 1}: first new decision after {seconds:.1f} s")
    return RecoveryFigures(
        median_seconds=median(rounds),
        worst_seconds=max(rounds),
        lost=sum(each.lost for each in verdicts),
        doubled=sum(each.doubled for each in verdicts),
        rounds=rounds,
    )


def _kill_once(station: Station, data_set: DataSet) -> tuple[float, Verdict]:
    make_room(station, OURS)
    effects = Effects(station, OURS)
    ours = next(each for each in CONTENDERS if each.toolchain == "ours")
    log = station.folder / "recovery.log"
    with running(ours.command, environment(station, OURS), log) as process:
        _wait(lambda: effects.published() > data_set.records * _KILL_AFTER)
        process.kill()
        killed = time.monotonic()
        process.restart()
        time.sleep(_SETTLING_SECONDS)  # MongoDB still carries out what it was sent
        kept = effects.kept()
        # A decision that was kept before and is published again is nothing new.
        _wait(lambda: effects.kept() > kept)
        seconds = time.monotonic() - killed
        _wait(lambda: effects.committed() >= data_set.records)
    return seconds, judge(data_set.expected(), effects.documents(), effects.decided())


def _wait(condition: Callable[[], bool]) -> None:
    if not wait_until(condition, _PATIENCE_SECONDS):
        msg = "the service does not go on"
        raise NotRunError(msg)


def start_seconds(say: Say) -> dict[str, float]:
    """Time each service from the start of its process until it is ready."""
    found = {}
    with open_station() as station, mail_sink() as sink:
        station.create_inputs(*TOPICS)
        for name in SERVICES:
            settings = {"SMTP_URL": sink.url} | (intake_settings() if name == "intake" else {})
            started = time.monotonic()
            try:
                with serving(station, Contender(name, "service", name), settings):
                    found[name] = round(time.monotonic() - started, 2)
            except NotRunError as error:
                say(str(error))
            else:
                say(f"start of {name}: {found[name]:.1f} s")
    return found
