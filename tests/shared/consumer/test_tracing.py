"""The spans of a batch: one tree for each record, and the batch linked to all of them."""

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from shared.consumer.handling import Handler, no_lookup
from shared.events.envelope import EventIdentity, Topic
from tests.factories import NOW, a_record, a_submission, raw_record
from tests.shared.consumer.batches import ON_TOMBSTONE, PARSERS, Kept, RecordingPublisher, handle
from tests.tracing import ANOTHER_SENDER, SENDER, UNSAMPLED, parent_of, recording, traceparent

TOPIC = "intake.applications.v1"


def a_traced_record(sender, offset=0):
    record = a_record(a_submission(), offset=offset)
    return raw_record(
        record.value, [*record.headers, ("traceparent", sender.encode())], offset=offset
    )


def announced(proposal):
    application_id, trace = proposal
    identity = EventIdentity("Decided", application_id, "1", NOW, trace)
    return identity.record(Topic("decisions"), b"{}")


def a_tracing_handler(decide=lambda event: (event.data.application_id, event.traceparent)):
    return Handler(PARSERS, no_lookup(decide), Kept().keep, announced, ON_TOMBSTONE)


async def test_two_applications_in_one_batch_are_two_trees_and_the_batch_is_linked_to_both(spans):
    records = [a_traced_record(SENDER), a_traced_record(ANOTHER_SENDER, 1)]

    await handle(records, a_tracing_handler())

    first, second = spans.named(f"process {TOPIC}")
    assert [parent_of(first), parent_of(second)] == [SENDER, ANOTHER_SENDER]
    for name in ("decide", "store"):
        children = spans.named(name)
        assert [parent_of(each) for each in children] == [traceparent(first), traceparent(second)]
    [batch] = spans.named("process batch")
    assert batch.parent is None
    assert [each.context.span_id for each in batch.links] == [
        first.parent.span_id,
        second.parent.span_id,
    ]
    assert batch.attributes["messaging.batch.message_count"] == 2
    assert len(spans.ended) == 7


async def test_a_span_has_the_names_of_the_conventions_and_nothing_personal(spans):
    record = a_traced_record(SENDER, offset=7)

    batch = await handle([record], a_tracing_handler())

    [span] = spans.named(f"process {TOPIC}")
    assert span.kind.name == "CONSUMER"
    assert dict(span.attributes) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": TOPIC,
        "messaging.destination.partition.id": "0",
        "messaging.kafka.offset": 7,
        "messaging.consumer.group.name": "sample",
        "cloudevents.event_type": "ApplicationSubmitted",
        "cppp.application.id": batch.events[0].data.application_id,
    }
    [store] = spans.named("store")
    assert store.attributes["db.system.name"] == "mongodb"
    assert store.attributes["db.operation.batch.size"] == 1
    assert span.start_time <= spans.named("decide")[0].start_time <= store.end_time <= span.end_time


async def test_the_decision_follows_from_the_span_of_its_record(spans):
    publisher = RecordingPublisher()

    await handle([a_traced_record(SENDER)], a_tracing_handler(), publisher)

    [process] = spans.named(f"process {TOPIC}")
    [decided] = publisher.published
    assert decided == announced((decided.key.decode(), traceparent(process)))


async def test_a_batch_that_is_handled_again_has_the_same_spans_and_the_same_events(spans):
    record, publisher = a_traced_record(SENDER), RecordingPublisher()

    await handle([record], a_tracing_handler(), publisher)
    await handle([record], a_tracing_handler(), publisher)

    first, again = spans.named(f"process {TOPIC}")
    assert traceparent(first) == traceparent(again)
    assert len({traceparent(each) for each in spans.named("decide")}) == 1
    assert publisher.published[0] == publisher.published[1]


@pytest.mark.parametrize("header", [UNSAMPLED, "", "nonsense"])
async def test_a_record_of_no_recorded_trace_has_no_spans(spans, header):
    publisher = RecordingPublisher()

    batch = await handle([a_traced_record(header)], a_tracing_handler(), publisher)

    assert spans.ended == []
    assert batch.span is None
    assert batch.events[0].traceparent == header
    assert dict(publisher.published[0].headers).get("traceparent", b"").decode() == header


async def test_a_sampler_that_takes_nothing_is_honoured(monkeypatch):
    spans = recording(monkeypatch, ALWAYS_OFF)

    await handle([a_traced_record(SENDER)], a_tracing_handler())

    assert spans.ended == []


async def test_a_record_that_cannot_be_parsed_is_a_failed_span_of_its_trace(spans):
    headers = [("ce_type", b"ApplicationSubmitted"), ("traceparent", SENDER.encode())]

    await handle([raw_record(b"{", headers)], a_tracing_handler())

    [span] = spans.named(f"process {TOPIC}")
    assert parent_of(span) == SENDER
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == span.attributes["cppp.dead_letter.reason"] == "invalid"
    assert spans.named("decide") == []


async def test_a_record_whose_decision_fails_is_a_failed_span_and_the_next_one_is_not(spans):
    def decide(event):
        if event.traceparent[3:35] == SENDER[3:35]:
            raise ValueError
        return event.data.application_id, event.traceparent

    records = [a_traced_record(SENDER), a_traced_record(ANOTHER_SENDER, 1)]
    await handle(records, a_tracing_handler(decide))

    failed, good = spans.named(f"process {TOPIC}")
    assert failed.attributes["error.type"] == "unprocessable"
    assert good.status.status_code.name == "UNSET"


async def test_a_redrive_goes_on_in_the_trace_of_its_record(spans):
    def fail(_event):
        raise ValueError

    publisher = RecordingPublisher()
    await handle([a_traced_record(SENDER)], a_tracing_handler(fail), publisher)
    [letter] = publisher.published
    redriven = raw_record(letter.value, letter.headers, topic="sample.redrives.v1")

    await handle([redriven], a_tracing_handler())

    [failed], [again] = spans.named(f"process {TOPIC}"), spans.named("process sample.redrives.v1")
    assert parent_of(again) == parent_of(failed) == SENDER
    assert traceparent(again) != traceparent(failed)
    assert again.status.status_code.name == "UNSET"


async def test_without_tracing_an_event_keeps_the_context_of_its_record():
    batch = await handle([a_traced_record(SENDER)], a_tracing_handler())

    assert batch.events[0].traceparent == SENDER
