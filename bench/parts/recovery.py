"""How soon a service works again after kill -9, and how long each service takes to start."""

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from bench.harness.contender import ELIGIBILITY, Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import Effects
from bench.harness.installation import NotRunError
from bench.harness.log import log
from bench.harness.plan import Plan
from bench.harness.process import process_running
from bench.harness.resources import (
    ELIGIBILITY_RESOURCES,
    contender_environment,
    prepare_resources,
)
from bench.harness.stack import BenchmarkStack, open_stack
from bench.harness.verdict import Verdict, compare_effects
from bench.parts.intake import intake_settings
from bench.parts.mail_sink import mail_sink
from bench.parts.notify import INPUT_TOPICS
from bench.parts.serving import server_running
from bench.report.results import RecoveryFigures
from devstack.waiting import wait_until

_SERVICES: Final = ("intake", "eligibility", "recognition", "notify")
_TIMEOUT_SECONDS: Final = 120
_SETTLE_SECONDS: Final = 0.3  # less than any start takes
_KILL_AT_SHARE: Final = 0.2  # of the records


def measure(plan: Plan) -> dict[str, object]:
    """Kill the eligibility service at work, several times; then start all services."""
    return {"recovery": _measure_recovery(plan), "start_seconds": _measure_starts()}


def _measure_recovery(plan: Plan) -> RecoveryFigures:
    rounds, verdicts = [], []
    with open_stack() as stack:
        data_set = DataSet(ELIGIBILITY_RESOURCES.topic, plan.events)
        stack.publish_data_set(data_set)
        for number in range(plan.recovery_rounds):
            try:
                seconds, verdict = _kill_and_recover(stack, data_set)
            except NotRunError as error:
                return RecoveryFigures(not_run=str(error))
            rounds.append(round(seconds, 2))
            verdicts.append(verdict)
            log(f"round {number + 1}: first new decision after {seconds:.1f} s")
    return RecoveryFigures(
        median_seconds=median(rounds),
        worst_seconds=max(rounds),
        lost=sum(each.lost for each in verdicts),
        doubled=sum(each.doubled for each in verdicts),
        rounds=rounds,
    )


def _kill_and_recover(stack: BenchmarkStack, data_set: DataSet) -> tuple[float, Verdict]:
    prepare_resources(stack, ELIGIBILITY_RESOURCES)
    effects = Effects(stack, ELIGIBILITY_RESOURCES)
    environment = contender_environment(stack, ELIGIBILITY_RESOURCES)
    log_file = stack.folder / "recovery.log"
    with process_running(ELIGIBILITY.command, environment, log_file) as process:
        _wait_until(lambda: effects.published() > data_set.records * _KILL_AT_SHARE)
        process.kill()
        killed = time.monotonic()
        process.restart()
        time.sleep(_SETTLE_SECONDS)  # MongoDB still applies writes that it received before
        stored = effects.stored()
        # Count documents: a stored decision whose event is published again is not new.
        _wait_until(lambda: effects.stored() > stored)
        seconds = time.monotonic() - killed
        _wait_until(lambda: effects.committed() >= data_set.records)
    verdict = compare_effects(data_set.expected(), effects.documents(), effects.decision_events())
    return seconds, verdict


def _wait_until(condition: Callable[[], bool]) -> None:
    if not wait_until(condition, _TIMEOUT_SECONDS):
        msg = "the service makes no progress"
        raise NotRunError(msg)


def _measure_starts() -> dict[str, float]:
    """Measure each service from the start of its process until it is ready."""
    seconds = {}
    with open_stack() as stack, mail_sink() as sink:
        stack.create_input_topics(*INPUT_TOPICS)
        for name in _SERVICES:
            settings = {"SMTP_URL": sink.url} | (intake_settings() if name == "intake" else {})
            started = time.monotonic()
            try:
                with server_running(stack, Contender(name, "service", name), settings):
                    seconds[name] = round(time.monotonic() - started, 2)
            except NotRunError as error:
                log(str(error))
            else:
                log(f"start of {name}: {seconds[name]:.1f} s")
    return seconds
