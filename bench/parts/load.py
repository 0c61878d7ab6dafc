"""How long events wait while a steady number comes in every second."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from bench.harness.contender import CONTENDERS, Contender
from bench.harness.dataset import DataSet, Message
from bench.harness.effects import Decided, Effects
from bench.harness.installation import NotRunError, set_up
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.process import running
from bench.harness.run import environment, make_room
from bench.harness.stack import Station, open_station
from bench.parts.pipeline import places_of
from bench.report.results import LoadFigures
from devstack.waiting import wait_until

Say = Callable[[str], None]
_NAMES: Final = ("ours", "aiokafka-batches", "franz-go")
_TICK_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 90
_TOPIC: Final = "intake.applications.v1"
_WARM_UP: Final = 5_000  # events a second


def measure(plan: Plan, say: Say) -> list[LoadFigures]:
    """Measure every load with every contender."""
    found = []
    for contender in (each for each in CONTENDERS if each.name in _NAMES):
        for each in _of(contender, plan) if plan.loads else ():
            found.append(each)
            say(
                f"{each.contender} at {each.events_per_second:,}/s: "
                f"{each.not_run or f'p50 {each.p50_ms}, p99 {each.p99_ms} ms'}"
            )
    return found


def _of(contender: Contender, plan: Plan) -> Iterator[LoadFigures]:
    missing = list(plan.loads)
    try:
        set_up(contender)
        with open_station() as station:
            for waits in _waits(station, contender, plan):
                yield LoadFigures(
                    contender=contender.name,
                    events_per_second=missing.pop(0),
                    p50_ms=percentile(waits, 50),
                    p99_ms=percentile(waits, 99),
                )
    except NotRunError as error:
        for rate in missing:
            yield LoadFigures(contender=contender.name, events_per_second=rate, not_run=str(error))


def _waits(station: Station, contender: Contender, plan: Plan) -> Iterator[list[float]]:
    """Send load after load to one process; the first one warms everything up and is not told."""
    loads = (_WARM_UP, *plan.loads)
    data_set = DataSet(_TOPIC, sum(loads) * plan.load_seconds)
    places = places_of(contender, data_set)
    station.create_inputs(_TOPIC)
    make_room(station, places)
    messages = data_set.messages()
    with running(contender.command, environment(station, places), station.folder / "load.log"):
        for number, rate in enumerate(loads):
            effects = Effects(station, places)
            load = list(islice(messages, rate * plan.load_seconds))
            sent = _send_steadily(station, load, rate)
            _wait(effects, len(load))
            if number:
                yield list(_milliseconds(sent, effects.decided()))


def _wait(effects: Effects, number: int) -> None:
    if not wait_until(lambda: effects.published() >= number, _PATIENCE_SECONDS):
        msg = "it does not keep up"
        raise NotRunError(msg)


def _send_steadily(station: Station, messages: Sequence[Message], rate: int) -> dict[str, float]:
    """Send so many a second; return when each was due, in milliseconds since 1970."""
    producer = station.producer(**{"linger.ms": 1})
    started, sent = time.time(), {}
    for number, each in enumerate(messages):
        due = started + number / rate
        if (early := due - time.time()) > _TICK_SECONDS:
            producer.poll(0)
            time.sleep(early)
        producer.produce(
            _TOPIC, each.value, each.key, timestamp=each.time_ms, headers=list(each.headers)
        )
        # As due, not as sent: a sender that is held up must not hide what others wait.
        sent[each.key.decode()] = due * 1000
    producer.flush()
    return sent


def _milliseconds(sent: dict[str, float], decided: Sequence[Decided]) -> Iterator[float]:
    """The broker stamps decisions in whole milliseconds, on the same machine's clock."""
    for each in decided:
        if each.application_id in sent:
            yield round(max(0.0, each.appended_ms - sent[each.application_id]), 1)
