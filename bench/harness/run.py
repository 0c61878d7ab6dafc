"""Runs one contender over one data set, and returns the figures."""

import os
from dataclasses import dataclass
from itertools import count

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import Effects
from bench.harness.monitor import Ended, RunMonitor, cpu_us_per_event, throughput_window
from bench.harness.process import process_running
from bench.harness.resources import RunResources, contender_environment, prepare_resources
from bench.harness.stack import BenchmarkStack
from bench.harness.verdict import Verdict, compare_effects

_run_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Workload:
    """The records to handle and the resources to use.

    The first `warm_up` events do not count towards throughput. `redelivered`: the contender has
    handled the records before and gets them a second time.
    """

    data_set: DataSet
    resources: RunResources
    warm_up: int = 0
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """The figures of one run; throughput is only valid if the verdict is clean."""

    contender: str
    ended: Ended
    verdict: Verdict
    records: int
    decided: int
    dead_letters: int
    seconds: float
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_mb: float
    first_effect_seconds: float
    log_tail: str = ""


def run_contender(stack: BenchmarkStack, contender: Contender, workload: Workload) -> RunResult:
    """Run a contender from the beginning of its topic to the end."""
    resources = workload.resources
    prepare_resources(stack, resources, redelivered=workload.redelivered)
    os.sync()  # so that earlier writes are not flushed during the run
    effects = Effects(stack, resources)
    log_file = stack.folder / f"{contender.name}-{next(_run_numbers)}.log"
    environment = contender_environment(stack, resources) | dict(contender.settings)
    with process_running(contender.command, environment, log_file) as process:
        monitor = RunMonitor(process, effects, workload.data_set, workload.warm_up)
        ended = monitor.wait_for_end()
        log_tail = process.log_tail() if ended != "finished" else ""
    return _result(contender.name, workload, monitor, (ended, log_tail))


def _result(
    name: str, workload: Workload, monitor: RunMonitor, end: tuple[Ended, str]
) -> RunResult:
    effects = monitor.effects
    events = effects.decision_events()
    counted, seconds = throughput_window(events, workload.warm_up)
    return RunResult(
        contender=name,
        ended=end[0],
        verdict=compare_effects(workload.data_set.expected(), effects.documents(), events),
        records=workload.data_set.records,
        decided=len(events),
        dead_letters=effects.dead_letters(),
        seconds=seconds,
        events_per_second=round(counted / seconds, 1) if seconds else 0.0,
        cpu_us_per_event=cpu_us_per_event(monitor),
        peak_rss_mb=round(monitor.last.usage.peak_rss_bytes / 2**20, 1),
        first_effect_seconds=round(monitor.first_effect, 2),
        log_tail=end[1],
    )
