"""How long events wait while a steady number comes in every second."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from bench.contender import CONTENDERS, Contender
from bench.dataset import DataSet, Message
from bench.effects import Decided, Effects
from bench.pipeline import places_of
from bench.plan import Plan
from bench.process import running
from bench.results import LoadFigures
from bench.run import environment, make_room
from bench.setting_up import NotRunError, set_up
from bench.station import Station, open_station, publish_all
from devstack.waiting import wait_until

Say = Callable[[str], None]
_NAMES: Final = ("ours", "aiokafka-batches", "franz-go")
_TICK_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 90
_TOPIC: Final = "intake.applications.v1"
_FIRST: Final = 500  # to have joined the group and opened connections before it counts


def measure(plan: Plan, say: Say) -> list[LoadFigures]:
    """Measure every load with every contender."""
    found = []
    for contender in (each for each in CONTENDERS if each.name in _NAMES):
        for rate in plan.loads:
            found.append(_attempt(contender, rate, plan.load_seconds))
            say(
                f"{contender.name} at {rate:,}/s: p50 {found[-1].p50_ms}, p99 {found[-1].p99_ms} ms"
            )
    return found


def _attempt(contender: Contender, rate: int, seconds: int) -> LoadFigures:
    try:
        set_up(contender)
        with open_station() as station:
            waited = sorted(_waits(station, contender, rate, seconds))
    except NotRunError as error:
        return LoadFigures(contender=contender.name, events_per_second=rate, not_run=str(error))
    return LoadFigures(
        contender=contender.name,
        events_per_second=rate,
        p50_ms=waited[len(waited) // 2],
        p99_ms=waited[int(len(waited) * 0.99)],
    )


def _waits(station: Station, contender: Contender, rate: int, seconds: int) -> list[float]:
    data_set = DataSet(_TOPIC, rate * seconds + _FIRST)
    places = places_of(contender, data_set)
    station.create_inputs(_TOPIC)
    make_room(station, places)
    effects = Effects(station, places)
    messages = data_set.messages()
    with running(contender.command, environment(station, places), station.folder / "load.log"):
        publish_all(station, _TOPIC, islice(messages, _FIRST))
        _wait(effects, _FIRST)
        sent = _send_steadily(station, list(messages), rate)
        _wait(effects, data_set.records)
    return list(_milliseconds(sent, effects.decided()))


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
