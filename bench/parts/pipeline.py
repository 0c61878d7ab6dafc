"""The main measurement: every contender handles the same topic, in turn, in several rounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from confluent_kafka import KafkaException
from pymongo.errors import PyMongoError

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import Effects
from bench.harness.installation import NotRunError, install_contender
from bench.harness.log import log
from bench.harness.plan import Plan
from bench.harness.resources import ELIGIBILITY_RESOURCES, prepare_resources, resources_of
from bench.harness.run import RunResult, Workload, run_contender
from bench.harness.stack import BenchmarkStack, open_stack
from bench.harness.verdict import compare_effects
from bench.report.results import PipelineFigures, Round

_TOPIC: Final = ELIGIBILITY_RESOURCES.topic
_SLOW_TOPIC: Final = "bench.applications.slow.v1"
_WARM_UP_TOPIC: Final = "bench.applications.warmed.v1"
_POISON_EVERY: Final = 1_000


def measure(contenders: Sequence[Contender], plan: Plan) -> dict[str, PipelineFigures]:
    """Measure all contenders that can run here; list the others with the reason."""
    unavailable = _install_all(contenders)
    available = [each for each in contenders if each.name not in unavailable]
    rounds = measure_rounds(available, plan)
    poisoned = measure_poisoned(available, plan)
    redelivered = measure_redelivered(available, plan) if plan.redelivered_events else {}
    figures = {c.name: summarize(c, rounds[c.name], poisoned.get(c.name)) for c in available}
    for name, each in redelivered.items():
        figures[name] = figures[name].model_copy(update={"redelivered": each})
    for contender in contenders:
        if reason := unavailable.get(contender.name):
            figures[contender.name] = PipelineFigures(what=contender.description, not_run=reason)
    return {each.name: figures[each.name] for each in contenders}


def _install_all(contenders: Iterable[Contender]) -> dict[str, str]:
    """Return the contenders that cannot be installed, with the reason."""
    unavailable = {}
    for each in contenders:
        try:
            install_contender(each)
        except NotRunError as error:
            unavailable[each.name] = str(error)
            log(f"{each.name}: not run: {error}")
    return unavailable


def measure_rounds(contenders: Sequence[Contender], plan: Plan) -> Mapping[str, list[Round]]:
    """Run all contenders in several rounds, each round starting with a different one."""
    rounds: dict[str, list[Round]] = {each.name: [] for each in contenders}
    with open_stack() as stack:
        for data_set in {workload_of(each, plan).data_set for each in contenders}:
            stack.publish_data_set(data_set)
        for each in contenders[:1]:  # warms up Kafka, so that the first contender has no handicap
            _try_run(stack, each, workload_of(each, plan))
        for number in range(plan.rounds):
            first = number % max(1, len(contenders))
            for each in (*contenders[first:], *contenders[:first]):
                if result := _try_run(stack, each, workload_of(each, plan)):
                    rounds[each.name].append(to_round(result))
                    log(f"round {number + 1}: {format_run(result)}")
    return rounds


def _try_run(stack: BenchmarkStack, contender: Contender, workload: Workload) -> RunResult | None:
    """Run a contender; if the benchmark itself fails, the others are still measured."""
    try:
        return run_contender(stack, contender, workload)
    except (KafkaException, PyMongoError) as error:
        log(f"{contender.name}: could not be measured: {error}")
        return None


def measure_poisoned(contenders: Sequence[Contender], plan: Plan) -> Mapping[str, Round]:
    """Run every contender once over a topic with one bad record in a thousand."""
    poisoned = {}
    with open_stack() as stack:
        full = DataSet(_TOPIC, plan.poison_events, _POISON_EVERY)
        small = DataSet(_SLOW_TOPIC, max(_POISON_EVERY, plan.slow_events), _POISON_EVERY)
        stack.publish_data_set(full)
        stack.publish_data_set(small)
        for each in contenders:
            data_set = small if each.slow else full
            workload = Workload(data_set, resources_of(each, data_set))
            if result := _try_run(stack, each, workload):
                poisoned[each.name] = to_round(result)
                log(f"poison: {format_run(result)}")
    return poisoned


def measure_redelivered(contenders: Sequence[Contender], plan: Plan) -> Mapping[str, Round]:
    """Deliver all events twice to every contender, and check the effects of both deliveries."""
    redelivered = {}
    with open_stack() as stack:
        data_set = DataSet(_TOPIC, plan.redelivered_events)
        stack.publish_data_set(data_set)
        for each in contenders:
            redelivered[each.name] = _deliver_twice(stack, each, data_set)
            log(f"delivered twice: {each.name}: doubled {redelivered[each.name].doubled}")
    return redelivered


def _deliver_twice(stack: BenchmarkStack, contender: Contender, data_set: DataSet) -> Round:
    resources = resources_of(contender, data_set)
    prepare_resources(stack, resources)
    effects = Effects(stack, resources)
    run_contender(stack, contender, Workload(data_set, resources))
    second = run_contender(stack, contender, Workload(data_set, resources, redelivered=True))
    verdict = compare_effects(data_set.expected(), effects.documents(), effects.decision_events())
    return to_round(replace(second, verdict=verdict))


def workload_of(contender: Contender, plan: Plan) -> Workload:
    """Return the records for a contender; slow ones and those that warm up have other topics."""
    data_set, warm_up = DataSet(_TOPIC, plan.events), 0
    if contender.slow:
        data_set = DataSet(_SLOW_TOPIC, plan.slow_events)
    if contender.warm_up:
        warm_up = plan.warm_up_events
        data_set = DataSet(_WARM_UP_TOPIC, plan.events + warm_up)
    return Workload(data_set, resources_of(contender, data_set), warm_up)


def to_round(result: RunResult) -> Round:
    """Convert a run to its entry in the results file."""
    return Round(
        events=result.records,
        ended=result.ended,
        events_per_second=result.events_per_second,
        cpu_us_per_event=result.cpu_us_per_event,
        peak_rss_mb=result.peak_rss_mb,
        first_effect_seconds=result.first_effect_seconds,
        seconds=result.seconds,
        lost=result.verdict.lost,
        doubled=result.verdict.doubled,
        wrong=result.verdict.wrong,
        repeated=result.verdict.repeated,
        dead_letters=result.dead_letters,
        last_words=result.log_tail,
    )


def summarize(
    contender: Contender, rounds: Sequence[Round], poison: Round | None = None
) -> PipelineFigures:
    """Summarize a contender's rounds; the speed of a round with wrong effects does not count."""
    good = [each for each in rounds if each.counts]
    all_rounds = [*rounds, *([poison] if poison else [])]
    if not good:
        log_tail = rounds[-1].last_words if rounds else ""
        return PipelineFigures(
            what=contender.description,
            not_run=f"no round with correct effects. {log_tail}".strip(),
            lost=sum(each.lost for each in all_rounds),
            doubled=sum(each.doubled for each in all_rounds),
            rounds=list(rounds),
            poison=poison,
        )
    return PipelineFigures(
        what=contender.description,
        events_per_second=median(each.events_per_second for each in good),
        best_events_per_second=max(each.events_per_second for each in good),
        cpu_us_per_event=median(each.cpu_us_per_event for each in good),
        peak_rss_mb=max(each.peak_rss_mb for each in good),
        first_effect_seconds=median(each.first_effect_seconds for each in good),
        lost=sum(each.lost for each in all_rounds),
        doubled=sum(each.doubled for each in all_rounds),
        rounds=list(rounds),
        poison=poison,
    )


def format_run(result: RunResult) -> str:
    """Describe one run on a line."""
    verdict = result.verdict
    errors = "" if verdict.is_clean else f", lost {verdict.lost}, doubled {verdict.doubled}"
    return (
        f"{result.contender} {result.ended}: {result.events_per_second:,.0f} events/s, "
        f"{result.cpu_us_per_event:.0f} µs, {result.peak_rss_mb:.0f} MB{errors}"
    )
