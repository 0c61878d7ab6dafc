"""How long events wait at a fixed rate of events per second."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from bench.harness.contender import Contender, contender_named
from bench.harness.dataset import DataSet, Message
from bench.harness.effects import DecisionEvent, Effects
from bench.harness.installation import NotRunError, install_contender
from bench.harness.log import log
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.process import process_running
from bench.harness.resources import contender_environment, prepare_resources, resources_of
from bench.harness.stack import BenchmarkStack, open_stack
from bench.report.results import LoadFigures
from devstack.waiting import wait_until

_CONTENDERS: Final = ("ours", "aiokafka-batches", "franz-go")
_TICK_SECONDS: Final = 0.01
_TIMEOUT_SECONDS: Final = 90
_TOPIC: Final = "intake.applications.v1"
_WARM_UP_RATE: Final = 5_000  # events per second


def measure(plan: Plan) -> list[LoadFigures]:
    """Measure some contenders at every rate of the plan."""
    measured = []
    for contender in map(contender_named, _CONTENDERS):
        for each in _measure_contender(contender, plan) if plan.loads else ():
            measured.append(each)
            log(
                f"{each.contender} at {each.events_per_second:,}/s: "
                f"{each.not_run or f'p50 {each.p50_ms}, p99 {each.p99_ms} ms'}"
            )
    return measured


def _measure_contender(contender: Contender, plan: Plan) -> Iterator[LoadFigures]:
    rates = list(plan.loads)
    try:
        install_contender(contender)
        with open_stack() as stack:
            for latencies in _latencies_by_rate(stack, contender, plan):
                yield LoadFigures(
                    contender=contender.name,
                    events_per_second=rates.pop(0),
                    p50_ms=percentile(latencies, 50),
                    p99_ms=percentile(latencies, 99),
                )
    except NotRunError as error:
        for rate in rates:
            yield LoadFigures(contender=contender.name, events_per_second=rate, not_run=str(error))


def _latencies_by_rate(
    stack: BenchmarkStack, contender: Contender, plan: Plan
) -> Iterator[list[float]]:
    """Send one load after another to one process, after a warm-up that is not reported."""
    rates = (_WARM_UP_RATE, *plan.loads)
    data_set = DataSet(_TOPIC, sum(rates) * plan.load_seconds)
    resources = resources_of(contender, data_set)
    stack.create_input_topics(_TOPIC)
    prepare_resources(stack, resources)
    messages = data_set.messages()
    environment = contender_environment(stack, resources)
    with process_running(contender.command, environment, stack.folder / "load.log"):
        for number, rate in enumerate(rates):
            effects = Effects(stack, resources)
            load = list(islice(messages, rate * plan.load_seconds))
            due = _send_at_rate(stack, load, rate)
            _wait_for_decisions(effects, len(load))
            if number:
                yield list(_latencies(due, effects.decision_events()))


def _wait_for_decisions(effects: Effects, number: int) -> None:
    if not wait_until(lambda: effects.published() >= number, _TIMEOUT_SECONDS):
        msg = "the contender does not keep up"
        raise NotRunError(msg)


def _send_at_rate(
    stack: BenchmarkStack, messages: Sequence[Message], rate: int
) -> dict[str, float]:
    """Send events at a fixed rate; return when each was due, in epoch milliseconds."""
    producer = stack.producer(**{"linger.ms": 1})
    started, due_ms = time.time(), {}
    for number, each in enumerate(messages):
        due = started + number / rate
        if (early := due - time.time()) > _TICK_SECONDS:
            producer.poll(0)
            time.sleep(early)
        producer.produce(
            _TOPIC, each.value, each.key, timestamp=each.time_ms, headers=list(each.headers)
        )
        # The due time, not the actual one: a delayed sender must not hide waiting times.
        due_ms[each.key.decode()] = due * 1000
    producer.flush()
    return due_ms


def _latencies(due_ms: dict[str, float], events: Sequence[DecisionEvent]) -> Iterator[float]:
    """Yield the milliseconds from when an event was due to the broker's timestamp of its decision.

    The broker's timestamps are whole milliseconds of the same machine's clock.
    """
    for each in events:
        if each.application_id in due_ms:
            yield round(max(0.0, each.appended_ms - due_ms[each.application_id]), 1)
