"""How long one event or request takes on an idle machine, one after the other."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from typing import Final

import orjson
from confluent_kafka import Consumer, TopicPartition

from bench.harness.contender import CONTENDERS, Contender
from bench.harness.dataset import PARTITIONS, DataSet, Message
from bench.harness.effects import OURS, Places
from bench.harness.installation import NotRunError, set_up
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.process import running
from bench.harness.run import environment, make_room
from bench.harness.stack import Station, open_station
from bench.parts.intake import intake_settings, serving, submissions
from bench.parts.mail_sink import MailSink, mail_sink
from bench.parts.notify import TOPICS
from bench.report.results import LatencyFigures
from devstack.stack.ports import LOCALHOST

Say = Callable[[str], None]
_PAUSE_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 180.0  # the first one waits for the start
_LOOK_SECONDS: Final = 0.0005
_WARM_UP: Final = 200  # ten seconds: so long a new broker still compiles what it runs
_MAILS_EACH: Final = 2  # that it was received, and what was decided
_BY_HAND: Final = "aiokafka-batches"


def measure(plan: Plan, say: Say) -> dict[str, LatencyFigures]:
    """Measure everything once, each on a stack of its own."""
    ours, by_hand = (next(c for c in CONTENDERS if c.name == n) for n in ("ours", _BY_HAND))
    to_hand = Places("bench.latency.v1", "bench-latency", "bench-latency", "bench.latency.out.v1")
    measurements: Mapping[str, Callable[[], LatencyFigures]] = {
        "event-to-decision": partial(_events, ours, OURS, plan),
        "event-to-decision-aiokafka": partial(_events, by_hand, to_hand, plan),
    }
    found = {name: _attempt(measured) for name, measured in measurements.items()}
    found |= _posts(plan)
    for name, each in found.items():
        say(f"{name}: {each.not_run or f'p50 {each.p50_ms} ms, p99 {each.p99_ms} ms'}")
    return found


def _attempt(measured: Callable[[], LatencyFigures]) -> LatencyFigures:
    try:
        return measured()
    except NotRunError as error:
        return LatencyFigures(what="", not_run=str(error))


def figures(what: str, milliseconds: Sequence[float]) -> LatencyFigures:
    """Sum up; the first ones, while connections open and the broker gets warm, do not count."""
    counted = sorted(milliseconds[_WARM_UP:])
    return LatencyFigures(
        what=what,
        p50_ms=percentile(counted, 50),
        p99_ms=percentile(counted, 99),
        samples_ms=[round(each, 2) for each in counted],
    )


def _events(contender: Contender, places: Places, plan: Plan) -> LatencyFigures:
    set_up(contender)
    with open_station() as station:
        station.create_inputs(places.topic)
        make_room(station, places)
        log = station.folder / "latency.log"
        with running(contender.command, environment(station, places), log):
            messages = DataSet(places.topic, plan.latencies + _WARM_UP).messages()
            waited = list(_one_by_one(station, places, messages))
    return figures(f"event on the topic → decision event: {contender.what}", waited)


def _one_by_one(station: Station, places: Places, messages: Iterator[Message]) -> Iterator[float]:
    """Publish an event, and wait for its decision; yield the milliseconds in between."""
    producer = station.producer(**{"linger.ms": 0})
    with _listening(station, places.output) as consumer:
        for each in messages:
            started = time.perf_counter()
            producer.produce(
                places.topic,
                each.value,
                each.key,
                timestamp=each.time_ms,
                headers=list(each.headers),
            )
            producer.flush()
            _wait_for(consumer, each.key)
            yield (time.perf_counter() - started) * 1000
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def _listening(station: Station, topic: str) -> Iterator[Consumer]:
    consumer = station.consumer("bench-latency-reader", **{"fetch.queue.backoff.ms": 1})
    consumer.assign([TopicPartition(topic, each, 0) for each in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        consumer.close()


def _wait_for(consumer: Consumer, key: bytes) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        message = consumer.poll(1.0)
        if message is not None and message.error() is None and message.key() == key:
            return
    msg = "no decision arrives"
    raise NotRunError(msg)


def _posts(plan: Plan) -> dict[str, LatencyFigures]:
    kept, mailed = [], []
    try:
        with open_station() as station, ExitStack() as stack:
            station.create_inputs(*TOPICS)
            sink = stack.enter_context(mail_sink())
            port = stack.enter_context(_platform(station, sink))
            for body in submissions(plan.latencies + _WARM_UP):
                until_kept, until_mailed = _post_once(station, sink, port, body)
                kept.append(until_kept)
                mailed.append(until_mailed)
                time.sleep(_PAUSE_SECONDS)
    except NotRunError as error:
        reason = LatencyFigures(what="", not_run=str(error))
        return {"post-to-decision": reason, "post-to-mail": reason}
    return {
        "post-to-decision": figures("POST accepted → decision kept", kept),
        "post-to-mail": figures("POST accepted → mail about the decision handed over", mailed),
    }


@contextmanager
def _platform(station: Station, sink: MailSink) -> Iterator[int]:
    """Run intake, eligibility and notify, all on the client's core; yield intake's port."""
    with ExitStack() as stack:
        ports = [
            stack.enter_context(serving(station, Contender(name, "service", name), settings)).port
            for name, settings in (
                ("intake", intake_settings()),
                ("eligibility", {}),
                ("notify", {"SMTP_URL": sink.url}),
            )
        ]
        yield ports[0]


_numbers = iter(range(10**9))


def _post_once(station: Station, sink: MailSink, port: int, body: bytes) -> tuple[float, float]:
    """Post one application; return the milliseconds until it is decided and until it is mailed."""
    number = next(_numbers)
    recipient = f"applicant-{number}@example.com"
    submission = orjson.loads(body)
    submission["contact"]["email"] = recipient
    connection = HTTPConnection(LOCALHOST, port, timeout=_PATIENCE_SECONDS)
    headers = {"Idempotency-Key": f"latency-{number}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/applications", orjson.dumps(submission), headers)
    answer = orjson.loads(connection.getresponse().read())
    accepted = time.monotonic()
    connection.close()
    decisions = station.mongo["eligibility"]["decisions"]
    _look(lambda: decisions.find_one({"_id": f"{answer['application_id']}:1"}) is not None)
    kept = time.monotonic()
    _look(lambda: len(sink.times_for(recipient)) >= _MAILS_EACH)
    mailed = max(sink.times_for(recipient))
    return (kept - accepted) * 1000, (mailed - accepted) * 1000


def _look(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > until:
            msg = "an application is not decided or not written about"
            raise NotRunError(msg)
        time.sleep(_LOOK_SECONDS)
