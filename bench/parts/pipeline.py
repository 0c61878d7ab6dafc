"""The main measurement: every contender over the same topic, round after round, in turn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from confluent_kafka import KafkaException
from pymongo.errors import PyMongoError

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import OURS, Effects, Places
from bench.harness.installation import NotRunError, set_up
from bench.harness.plan import Plan
from bench.harness.run import Assignment, Run, make_room, run
from bench.harness.stack import Station, open_station
from bench.harness.verdict import judge
from bench.report.results import PipelineFigures, Round

Say = Callable[[str], None]
_SLOW_TOPIC: Final = "bench.applications.slow.v1"
_WARMED_TOPIC: Final = "bench.applications.warmed.v1"
_POISON_EVERY: Final = 1_000


def measure(contenders: Sequence[Contender], plan: Plan, say: Say) -> dict[str, PipelineFigures]:
    """Measure all contenders that can run here; the others are listed with the reason."""
    absent = _set_up_all(contenders, say)
    present = [each for each in contenders if each.name not in absent]
    rounds = measure_rounds(present, plan, say)
    poisoned = measure_poisoned(present, plan, say)
    again = measure_redelivered(present, plan, say) if plan.redelivered else {}
    figures = {c.name: summary(c, rounds[c.name], poisoned.get(c.name)) for c in present}
    for name, done in again.items():
        figures[name] = figures[name].model_copy(update={"redelivered": done})
    for each in contenders:
        if each.name in absent:
            figures[each.name] = PipelineFigures(what=each.what, not_run=absent[each.name])
    return {each.name: figures[each.name] for each in contenders}


def _set_up_all(contenders: Iterable[Contender], say: Say) -> dict[str, str]:
    absent = {}
    for each in contenders:
        try:
            set_up(each)
        except NotRunError as error:
            absent[each.name] = str(error)
            say(f"{each.name}: not run: {error}")
    return absent


def measure_rounds(
    contenders: Sequence[Contender], plan: Plan, say: Say
) -> Mapping[str, list[Round]]:
    """Run round after round; each starts with another contender, so that none always follows."""
    rounds: dict[str, list[Round]] = {each.name: [] for each in contenders}
    with open_station() as station:
        _fill(station, contenders, plan)
        for each in contenders[:1]:  # whoever is the first would meet a Kafka that is cold
            _run_once(station, each, assignment_of(each, plan), say)
        for number in range(plan.rounds):
            turn = number % max(1, len(contenders))
            for each in (*contenders[turn:], *contenders[:turn]):
                if done := _run_once(station, each, assignment_of(each, plan), say):
                    rounds[each.name].append(as_round(done))
                    say(f"round {number + 1}: {told(done)}")
    return rounds


def _run_once(
    station: Station, contender: Contender, assignment: Assignment, say: Say
) -> Run | None:
    """Run a contender; should the measurer itself fail, the others still have their turn."""
    try:
        return run(station, contender, assignment)
    except (KafkaException, PyMongoError) as error:
        say(f"{contender.name}: could not be measured: {error}")
        return None


def _fill(station: Station, contenders: Sequence[Contender], plan: Plan) -> None:
    for data_set in {assignment_of(each, plan).data_set for each in contenders}:
        station.fill(data_set)


def measure_poisoned(contenders: Sequence[Contender], plan: Plan, say: Say) -> Mapping[str, Round]:
    """Run everybody once over a topic on which one record in a thousand cannot be handled."""
    poisoned = {}
    with open_station() as station:
        full = DataSet(OURS.topic, plan.poison_events, _POISON_EVERY)
        few = DataSet(_SLOW_TOPIC, max(_POISON_EVERY, plan.slow_events), _POISON_EVERY)
        station.fill(full)
        station.fill(few)
        for each in contenders:
            data_set = few if each.slow else full
            assignment = Assignment(data_set, places_of(each, data_set))
            if done := _run_once(station, each, assignment, say):
                poisoned[each.name] = as_round(done)
                say(f"poison: {told(done)}")
    return poisoned


def measure_redelivered(
    contenders: Sequence[Contender], plan: Plan, say: Say
) -> Mapping[str, Round]:
    """Deliver everything twice to everybody; both deliveries are judged together."""
    found = {}
    with open_station() as station:
        data_set = DataSet(OURS.topic, plan.redelivered)
        station.fill(data_set)
        for each in contenders:
            found[each.name] = _deliver_twice(station, each, data_set)
            say(f"delivered twice: {each.name}: doubled {found[each.name].doubled}")
    return found


def _deliver_twice(station: Station, contender: Contender, data_set: DataSet) -> Round:
    places = places_of(contender, data_set)
    make_room(station, places)
    effects = Effects(station, places)
    run(station, contender, Assignment(data_set, places))
    second = run(station, contender, Assignment(data_set, places, again=True))
    verdict = judge(data_set.expected(), effects.documents(), effects.decided())
    return as_round(replace(second, verdict=verdict))


def assignment_of(contender: Contender, plan: Plan) -> Assignment:
    """Give a contender its work: all read the same records from the same beginning."""
    data_set, warm_up = DataSet(OURS.topic, plan.events), 0
    if contender.slow:
        data_set = DataSet(_SLOW_TOPIC, plan.slow_events)
    if contender.warm_up:
        warm_up = plan.warm_up_events
        data_set = DataSet(_WARMED_TOPIC, plan.events + warm_up)
    return Assignment(data_set, places_of(contender, data_set), warm_up)


def places_of(contender: Contender, data_set: DataSet) -> Places:
    """Give a contender a group, a database and topics of its own; the product's are fixed."""
    if contender.toolchain == "ours":
        return OURS
    name = f"bench-{contender.name}"
    return Places(data_set.topic, name, name, f"bench.{contender.name}.decisions.v1")


def as_round(done: Run) -> Round:
    """Write a run down."""
    return Round(
        events=done.records,
        ended=done.ended,
        events_per_second=done.events_per_second,
        cpu_us_per_event=done.cpu_us_per_event,
        peak_rss_mb=done.peak_rss_mb,
        first_effect_seconds=done.first_effect_seconds,
        seconds=done.seconds,
        lost=done.verdict.lost,
        doubled=done.verdict.doubled,
        wrong=done.verdict.wrong,
        repeated=done.verdict.repeated,
        dead_letters=done.dead_letters,
        last_words=done.last_words,
    )


def summary(
    contender: Contender, rounds: Sequence[Round], poison: Round | None = None
) -> PipelineFigures:
    """Sum up a contender's rounds; those with anything lost, doubled or wrong do not count."""
    good = [each for each in rounds if each.counts]
    all_rounds = [*rounds, *([poison] if poison else [])]
    if not good:
        words = rounds[-1].last_words if rounds else ""
        return PipelineFigures(
            what=contender.what,
            not_run=f"no round in which all was right. {words}".strip(),
            lost=sum(each.lost for each in all_rounds),
            doubled=sum(each.doubled for each in all_rounds),
            rounds=list(rounds),
            poison=poison,
        )
    return PipelineFigures(
        what=contender.what,
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


def told(done: Run) -> str:
    """Tell one run on a line."""
    verdict = done.verdict
    wrong = "" if verdict.is_clean else f", lost {verdict.lost}, doubled {verdict.doubled}"
    return (
        f"{done.contender} {done.ended}: {done.events_per_second:,.0f} events/s, "
        f"{done.cpu_us_per_event:.0f} µs, {done.peak_rss_mb:.0f} MB{wrong}"
    )
