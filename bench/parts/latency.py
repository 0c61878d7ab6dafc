"""How long one event or request takes on an idle machine, one at a time."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from itertools import count
from typing import Final

import orjson
from confluent_kafka import Consumer, TopicPartition

from bench.harness.contender import ELIGIBILITY, Contender, contender_named
from bench.harness.dataset import PARTITIONS, DataSet, Message
from bench.harness.installation import NotRunError, install_contender
from bench.harness.log import log
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.process import process_running
from bench.harness.resources import (
    ELIGIBILITY_RESOURCES,
    RunResources,
    contender_environment,
    prepare_resources,
)
from bench.harness.stack import BenchmarkStack, open_stack
from bench.parts.intake import intake_settings, submissions
from bench.parts.mail_sink import MailSink, mail_sink
from bench.parts.notify import INPUT_TOPICS
from bench.parts.serving import server_running
from bench.report.results import LatencyFigures
from devstack.stack.ports import LOCALHOST

_PAUSE_SECONDS: Final = 0.05
_TIMEOUT_SECONDS: Final = 180.0  # the first event waits for the contender's start
_POLL_SECONDS: Final = 0.0005
_WARM_UP_SAMPLES: Final = 200  # ten seconds: until then a new broker still compiles its code
_MAILS_PER_APPLICATION: Final = 2  # an acknowledgement of receipt, and the decision
_AIOKAFKA_RESOURCES: Final = RunResources(
    "bench.latency.v1", "bench-latency", "bench-latency", "bench.latency.out.v1"
)
_submission_numbers = count()


def measure(plan: Plan) -> dict[str, LatencyFigures]:
    """Measure every latency once, each on a stack of its own."""
    aiokafka = contender_named("aiokafka-batches")
    measurements: Mapping[str, Callable[[], LatencyFigures]] = {
        "event-to-decision": partial(_measure_events, ELIGIBILITY, ELIGIBILITY_RESOURCES, plan),
        "event-to-decision-aiokafka": partial(_measure_events, aiokafka, _AIOKAFKA_RESOURCES, plan),
    }
    measured = {name: _try_measure(each) for name, each in measurements.items()}
    measured |= _measure_posts(plan)
    for name, each in measured.items():
        log(f"{name}: {each.not_run or f'p50 {each.p50_ms} ms, p99 {each.p99_ms} ms'}")
    return measured


def _try_measure(measurement: Callable[[], LatencyFigures]) -> LatencyFigures:
    try:
        return measurement()
    except NotRunError as error:
        return LatencyFigures(what="", not_run=str(error))


def summarize(description: str, milliseconds: Sequence[float]) -> LatencyFigures:
    """Return the percentiles without the first samples, during which the broker warms up."""
    counted = sorted(milliseconds[_WARM_UP_SAMPLES:])
    return LatencyFigures(
        what=description,
        p50_ms=percentile(counted, 50),
        p99_ms=percentile(counted, 99),
        samples_ms=[round(each, 2) for each in counted],
    )


def _measure_events(contender: Contender, resources: RunResources, plan: Plan) -> LatencyFigures:
    install_contender(contender)
    with open_stack() as stack:
        stack.create_input_topics(resources.topic)
        prepare_resources(stack, resources)
        environment = contender_environment(stack, resources)
        with process_running(contender.command, environment, stack.folder / "latency.log"):
            messages = DataSet(resources.topic, plan.latency_samples + _WARM_UP_SAMPLES).messages()
            latencies = list(_event_latencies(stack, resources, messages))
    return summarize(f"event on the topic → decision event: {contender.description}", latencies)


def _event_latencies(
    stack: BenchmarkStack, resources: RunResources, messages: Iterator[Message]
) -> Iterator[float]:
    """Publish one event at a time; yield the milliseconds until its decision event arrives."""
    producer = stack.producer(**{"linger.ms": 0})
    with _consumer_of(stack, resources.output) as consumer:
        for each in messages:
            started = time.perf_counter()
            producer.produce(
                resources.topic,
                each.value,
                each.key,
                timestamp=each.time_ms,
                headers=list(each.headers),
            )
            producer.flush()
            _wait_for_decision(consumer, each.key)
            yield (time.perf_counter() - started) * 1000
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def _consumer_of(stack: BenchmarkStack, topic: str) -> Iterator[Consumer]:
    consumer = stack.consumer("bench-latency-reader", **{"fetch.queue.backoff.ms": 1})
    consumer.assign([TopicPartition(topic, each, 0) for each in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        consumer.close()


def _wait_for_decision(consumer: Consumer, key: bytes) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        message = consumer.poll(1.0)
        if message is not None and message.error() is None and message.key() == key:
            return
    msg = "no decision event arrives"
    raise NotRunError(msg)


def _measure_posts(plan: Plan) -> dict[str, LatencyFigures]:
    until_stored, until_mailed = [], []
    try:
        with open_stack() as stack, ExitStack() as contexts:
            stack.create_input_topics(*INPUT_TOPICS)
            sink = contexts.enter_context(mail_sink())
            port = contexts.enter_context(_platform_running(stack, sink))
            for body in submissions(plan.latency_samples + _WARM_UP_SAMPLES):
                stored_ms, mailed_ms = _post_latencies(stack, sink, port, body)
                until_stored.append(stored_ms)
                until_mailed.append(mailed_ms)
                time.sleep(_PAUSE_SECONDS)
    except NotRunError as error:
        reason = LatencyFigures(what="", not_run=str(error))
        return {"post-to-decision": reason, "post-to-mail": reason}
    return {
        "post-to-decision": summarize("POST accepted → decision stored", until_stored),
        "post-to-mail": summarize("POST accepted → mail with the decision sent", until_mailed),
    }


@contextmanager
def _platform_running(stack: BenchmarkStack, sink: MailSink) -> Iterator[int]:
    """Run intake, eligibility and notify, all on the contender's core; yield intake's port."""
    services = {
        "intake": intake_settings(),
        "eligibility": {},
        "notify": {"SMTP_URL": sink.url},
    }
    with ExitStack() as contexts:
        ports = [
            contexts.enter_context(
                server_running(stack, Contender(name, "service", name), settings)
            ).port
            for name, settings in services.items()
        ]
        yield ports[0]


def _post_latencies(
    stack: BenchmarkStack, sink: MailSink, port: int, body: bytes
) -> tuple[float, float]:
    """Post one application; return the milliseconds until its decision is stored and mailed."""
    number = next(_submission_numbers)
    recipient = f"applicant-{number}@example.com"
    submission = orjson.loads(body)
    submission["contact"]["email"] = recipient
    connection = HTTPConnection(LOCALHOST, port, timeout=_TIMEOUT_SECONDS)
    headers = {"Idempotency-Key": f"latency-{number}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/applications", orjson.dumps(submission), headers)
    receipt = orjson.loads(connection.getresponse().read())
    accepted = time.monotonic()
    connection.close()
    decisions = stack.mongo["eligibility"]["decisions"]
    _poll_until(lambda: decisions.find_one({"_id": f"{receipt['application_id']}:1"}) is not None)
    stored = time.monotonic()
    _poll_until(lambda: len(sink.arrival_times(recipient)) >= _MAILS_PER_APPLICATION)
    mailed = max(sink.arrival_times(recipient))
    return (stored - accepted) * 1000, (mailed - accepted) * 1000


def _poll_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            msg = "no decision is stored or no mail is sent"
            raise NotRunError(msg)
        time.sleep(_POLL_SECONDS)
