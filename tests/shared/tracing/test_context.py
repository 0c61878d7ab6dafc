"""Contexts are those of W3C, and the spans of an event are named by whoever sends it."""

import pytest

from shared.events.envelope import EventIdentity, Topic
from shared.tracing.context import parse, sampled, sent, step
from tests.factories import NOW
from tests.tracing import SENDER, UNSAMPLED

TOPIC = Topic("intake.applications.v1")


def headers(traceparent, key="1"):
    identity = EventIdentity("ApplicationSubmitted", "a", key, NOW, traceparent)
    return dict(identity.record(TOPIC, b"{}").headers)


def test_a_header_is_read_and_written():
    context = parse(SENDER)

    assert context
    assert context.traceparent == SENDER
    assert context.trace == "0af7651916cd43dd8448eb211c80319c"
    assert sampled(SENDER) == context
    assert sampled(UNSAMPLED) is None
    assert parse(UNSAMPLED) == context._replace(is_sampled=False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        "01",
        SENDER.upper(),
        f"{SENDER}-more",
        f"{SENDER}\n",
        f"ff{SENDER[2:]}",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_what_is_no_context_is_ignored(header):
    assert parse(header) is None
    assert sampled(header) is None


def test_the_span_that_sends_an_event_leads_back_to_the_one_it_follows_from():
    context = parse(SENDER)
    assert context
    sender = context.related(step(b"an event"))

    assert sender != context
    assert sender.trace == context.trace
    assert sender.related(step(b"an event")) == context
    assert context.related(step(b"another event")) != sender


def test_without_tracing_an_event_carries_what_it_follows_from():
    assert headers(SENDER)["traceparent"] == SENDER.encode()


@pytest.mark.usefixtures("spans")
def test_an_event_carries_the_span_that_sends_it_always_the_same():
    carried = headers(SENDER)["traceparent"].decode()

    assert carried != SENDER
    assert carried[:36] == SENDER[:36]
    assert headers(SENDER)["traceparent"].decode() == carried
    assert headers(SENDER, key="2")["traceparent"].decode() != carried
    assert sent(SENDER, headers(SENDER)["ce_id"].decode()) == carried


@pytest.mark.usefixtures("spans")
def test_a_trace_that_is_not_sampled_goes_on_as_it_is():
    assert headers(UNSAMPLED)["traceparent"] == UNSAMPLED.encode()
    assert "traceparent" not in headers("")
