"""How the cost of an event grows with the backlog, the partitions and the processes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Final

from bench.harness.contender import ELIGIBILITY
from bench.harness.dataset import DataSet
from bench.harness.effects import Effects
from bench.harness.log import log
from bench.harness.machine import contender_cores
from bench.harness.monitor import RunMonitor, cpu_us_per_event, throughput_window
from bench.harness.plan import Plan
from bench.harness.process import Process, ProcessGroup, process_running
from bench.harness.resources import (
    ELIGIBILITY_RESOURCES,
    contender_environment,
    prepare_resources,
)
from bench.harness.run import Workload, run_contender
from bench.harness.stack import BenchmarkStack, open_stack
from bench.report.results import GrowthFigures

_TOPIC: Final = ELIGIBILITY_RESOURCES.topic


def measure(plan: Plan) -> list[GrowthFigures]:
    """Measure the eligibility service at every size, each on a stack of its own."""
    measured = []
    for each in _measure_all(plan):
        measured.append(each)
        log(f"{each.value:,} {each.what}: {each.events_per_second:,.0f} events/s")
    return measured


def _measure_all(plan: Plan) -> Iterator[GrowthFigures]:
    for records in plan.backlogs:
        yield _measure_data_set("applications waiting", records, DataSet(_TOPIC, records))
    for partitions in plan.partitions:
        data_set = DataSet(_TOPIC, plan.events, partitions=partitions)
        yield _measure_data_set("partitions", partitions, data_set)
    for processes in plan.processes:
        yield _measure_processes(processes, DataSet(_TOPIC, plan.events))


def _measure_data_set(dimension: str, value: int, data_set: DataSet) -> GrowthFigures:
    service = replace(ELIGIBILITY, settings={"KAFKA_TOPIC_PARTITIONS": str(data_set.partitions)})
    with open_stack() as stack:
        stack.publish_data_set(data_set)
        stack.create_output_topics(ELIGIBILITY_RESOURCES.output, partitions=data_set.partitions)
        result = run_contender(stack, service, Workload(data_set, ELIGIBILITY_RESOURCES))
    return GrowthFigures(
        what=dimension,
        value=value,
        events_per_second=result.events_per_second,
        cpu_us_per_event=result.cpu_us_per_event,
        peak_rss_mb=result.peak_rss_mb,
    )


def _measure_processes(number: int, data_set: DataSet) -> GrowthFigures:
    with open_stack() as stack, ExitStack() as contexts:
        stack.publish_data_set(data_set)
        prepare_resources(stack, ELIGIBILITY_RESOURCES)
        effects = Effects(stack, ELIGIBILITY_RESOURCES)
        cores = len(contender_cores(number))
        processes = [
            contexts.enter_context(_service_running(stack, each, cores)) for each in range(number)
        ]
        monitor = RunMonitor(ProcessGroup(processes), effects, data_set)
        monitor.wait_for_end()
        counted, seconds = throughput_window(effects.decision_events(), 0)
    return GrowthFigures(
        what=f"processes on {cores} cores",
        value=number,
        events_per_second=round(counted / seconds, 1) if seconds else 0.0,
        cpu_us_per_event=cpu_us_per_event(monitor),
        peak_rss_mb=round(monitor.last.usage.peak_rss_bytes / 2**20, 1),
    )


def _service_running(
    stack: BenchmarkStack, number: int, cores: int
) -> AbstractContextManager[Process]:
    log_file = stack.folder / f"process-{number}.log"
    environment = contender_environment(stack, ELIGIBILITY_RESOURCES)
    return process_running(ELIGIBILITY.command, environment, log_file, cores)
