"""How the cost of an event grows with the backlog, the partitions and the processes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Final

from bench.harness.contender import CONTENDERS
from bench.harness.dataset import DataSet
from bench.harness.effects import OURS, Effects
from bench.harness.machine import client_cores
from bench.harness.plan import Plan
from bench.harness.process import Process, Several, running
from bench.harness.run import Assignment, Watch, cpu_us_per_event, environment, make_room, run, span
from bench.harness.stack import Station, open_station
from bench.report.results import GrowthFigures

Say = Callable[[str], None]
_OURS: Final = next(each for each in CONTENDERS if each.toolchain == "ours")


def measure(plan: Plan, say: Say) -> list[GrowthFigures]:
    """Let the service handle more and more; each size on a stack of its own."""
    found = []
    for each in _all(plan):
        found.append(each)
        say(f"{each.value:,} {each.what}: {each.events_per_second:,.0f} events/s")
    return found


def _all(plan: Plan) -> Iterator[GrowthFigures]:
    for records in plan.backlogs:
        yield _one("applications waiting", records, DataSet(OURS.topic, records))
    for partitions in plan.partitions:
        data_set = DataSet(OURS.topic, plan.events, partitions=partitions)
        yield _one("partitions", partitions, data_set)
    for processes in plan.processes:
        yield _with_processes(processes, DataSet(OURS.topic, plan.events))


def _one(what: str, value: int, data_set: DataSet) -> GrowthFigures:
    settings = {"KAFKA_TOPIC_PARTITIONS": str(data_set.partitions)}
    with open_station() as station:
        station.fill(data_set)
        station.create_outputs(OURS.output, partitions=data_set.partitions)
        done = run(station, replace(_OURS, settings=settings), Assignment(data_set, OURS))
    return GrowthFigures(
        what=what,
        value=value,
        events_per_second=done.events_per_second,
        cpu_us_per_event=done.cpu_us_per_event,
        peak_rss_mb=done.peak_rss_mb,
    )


def _with_processes(number: int, data_set: DataSet) -> GrowthFigures:
    with open_station() as station, ExitStack() as stack:
        station.fill(data_set)
        make_room(station, OURS)
        effects = Effects(station, OURS)
        cores = len(client_cores(number))
        started = [stack.enter_context(_started(station, each, cores)) for each in range(number)]
        watch = Watch(Several(started), effects, Assignment(data_set, OURS))
        watch.to_the_end()
        counted, seconds = span(effects.decided(), 0)
    return GrowthFigures(
        what=f"processes on {cores} cores",
        value=number,
        events_per_second=round(counted / seconds, 1) if seconds else 0.0,
        cpu_us_per_event=cpu_us_per_event(watch),
        peak_rss_mb=round(watch.until[1].peak_rss_bytes / 2**20, 1),
    )


def _started(station: Station, number: int, cores: int) -> AbstractContextManager[Process]:
    log = station.folder / f"process-{number}.log"
    return running(_OURS.command, environment(station, OURS), log, cores)
