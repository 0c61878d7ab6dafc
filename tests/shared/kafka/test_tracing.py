"""What is published has a span of its own, whoever publishes it."""

from shared.consumer.dead_letters import DeadLetter, DeadLetterEnvelope
from shared.events.envelope import EventIdentity, Topic
from shared.kafka.tracing import PublishTrace
from shared.outbox.store import outbox_events, outbox_field
from shared.outbox.tracing import WriteTrace
from tests.factories import NOW, raw_record
from tests.tracing import SENDER, UNSAMPLED, parent_of, traceparent

TOPIC = Topic("intake.applications.v1")


def an_event(trace, key="1"):
    return EventIdentity("ApplicationSubmitted", "a", key, NOW, trace).record(TOPIC, b"{}")


def test_each_event_has_a_span_below_the_one_that_it_follows_from(spans):
    events = [an_event(SENDER), an_event(SENDER, "2"), an_event(UNSAMPLED)]

    PublishTrace().end(events)

    first, second = spans.named("send intake.applications.v1")
    assert first.kind.name == "PRODUCER"
    assert parent_of(first) == parent_of(second) == SENDER
    for span, event in ((first, events[0]), (second, events[1])):
        assert traceparent(span) == dict(event.headers)["traceparent"].decode()
    assert first.attributes["messaging.operation.type"] == "send"
    assert len(spans.ended) == 2


def test_an_event_that_waited_in_the_outbox_is_published_in_its_trace(spans):
    stored = outbox_field([an_event(SENDER)], NOW)

    PublishTrace().end(outbox_events(stored))

    [span] = spans.ended
    assert parent_of(span) == SENDER


def test_a_dead_letter_is_published_below_the_span_that_sent_its_record(spans):
    event = an_event(SENDER)
    record = raw_record(event.value, event.headers)
    letter = DeadLetterEnvelope("sample", "0").wrap(DeadLetter(record, "invalid", ""), NOW)

    PublishTrace().end([letter])

    [span] = spans.named("send sample.dead-letters.v1")
    assert parent_of(span) == dict(event.headers)["traceparent"].decode()
    assert traceparent(span) != parent_of(span)


def test_a_write_has_a_span_for_each_document_in_the_trace_of_its_events(spans):
    WriteTrace("intake", "applications").end([[an_event(SENDER)], [an_event(UNSAMPLED)], []])

    [span] = spans.named("insert applications")
    assert parent_of(span) == SENDER
    assert dict(span.attributes) == {
        "db.system.name": "mongodb",
        "db.operation.name": "insert",
        "db.namespace": "intake",
        "db.collection.name": "applications",
        "db.operation.batch.size": 3,
    }


def test_without_tracing_nothing_is_reported():
    PublishTrace().end([an_event(SENDER)])
    WriteTrace("intake", "applications").end([[an_event(SENDER)]])
