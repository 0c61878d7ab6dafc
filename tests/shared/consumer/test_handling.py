"""One batch: good records, bad records and outages."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import milliseconds
from shared.consumer.handling import Retry, decide_all
from shared.consumer.parsing import parse_all
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Attributes, Event
from shared.events.intake import ApplicationSubmitted
from tests.factories import NOW, a_record, a_submission, raw_record
from tests.shared.consumer.batches import (
    BAD,
    PARSERS,
    UNREAD_HEADERS,
    Kept,
    RecordingPublisher,
    a_handler,
    application_id,
    handle,
    no_retry,
)


async def test_a_good_record_is_kept_and_then_announced():
    kept, publisher, submitted = Kept(), RecordingPublisher(), a_submission()

    await handle([a_record(submitted)], a_handler(kept), publisher)

    assert kept.ids == [submitted.application_id]
    assert [each.key for each in publisher.published] == [submitted.application_id.encode()]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_record_is_dead_lettered_unchanged_and_the_next_is_decided(bad):
    kept, publisher, good = Kept(), RecordingPublisher(), a_submission()

    await handle([bad, a_record(good)], a_handler(kept), publisher)

    assert kept.ids == [good.application_id]
    decision, letter = publisher.published
    assert decision.topic == "decisions"
    assert (letter.topic, letter.value, tuple(letter.headers[: len(bad.headers)])) == (
        "sample.dead-letters.v1",
        bad.value,
        tuple(bad.headers),
    )


@pytest.mark.parametrize("header", UNREAD_HEADERS.values(), ids=UNREAD_HEADERS)
@pytest.mark.parametrize("first", [True, False])
async def test_a_header_that_nobody_reads_may_hold_anything(header, first):
    kept, publisher, submitted = Kept(), RecordingPublisher(), a_submission()
    good = a_record(submitted)
    headers = [header, *good.headers] if first else [*good.headers, header]

    handled = await handle([replace(good, headers=headers)], a_handler(kept), publisher)

    assert kept.ids == [submitted.application_id]
    assert handled.dead_letters == []
    [event] = handled.events
    assert event.traceparent == ""


@pytest.mark.parametrize("header", UNREAD_HEADERS.values(), ids=UNREAD_HEADERS)
async def test_a_dead_letter_has_the_bytes_of_every_header_in_order(header):
    headers = [header, ("ce_type", b"ApplicationSubmitted"), header, ("", b""), header]
    publisher = RecordingPublisher()

    await handle([raw_record(b"{", headers)], a_handler(Kept()), publisher)

    [letter] = publisher.published
    assert letter.headers[: len(headers)] == headers


async def test_an_unknown_event_type_is_skipped_and_counted():
    newer = raw_record(b"not even JSON", [("ce_type", b"ApplicationPraised")])
    kept, publisher = Kept(), RecordingPublisher()

    handled = await handle([newer], a_handler(kept), publisher)

    assert handled.skipped == 1
    assert (kept.calls, publisher.published) == (0, [])


async def test_a_bug_in_decide_dead_letters_only_the_record_that_hits_it():
    good, fatal = a_submission(), a_submission()

    def decide(event: Event[ApplicationSubmitted]) -> str:
        if event.data.application_id == fatal.application_id:
            raise ZeroDivisionError
        return application_id(event)

    batch = parse_all([a_record(fatal), a_record(good)], PARSERS)
    proposals, dead = decide_all(batch.parsed, decide)

    assert proposals == [good.application_id]
    assert [(each.reason, each.error) for each in dead] == [("unprocessable", "ZeroDivisionError")]


async def test_the_reason_of_a_dead_letter_names_the_field_and_not_its_value():
    submitted = a_submission()
    value = submitted.model_dump_json().replace('"assessment"', '"secret-stream"').encode()

    batch = parse_all([raw_record(value, [("ce_type", b"ApplicationSubmitted")])], PARSERS)

    assert batch.dead_letters[0].error == "application: union_tag_invalid"


async def test_a_tombstone_on_a_compacted_topic_asks_for_erasure():
    kept = Kept()
    tombstone = raw_record(None, topic="contacts", key=b"k")

    await handle([tombstone], a_handler(kept), RecordingPublisher())

    assert kept.ids == [f"erase b'k' as of {milliseconds(NOW)}"]


async def test_lookup_runs_once_for_the_batch_and_is_retried_during_an_outage():
    asked: list[list[str]] = []

    async def lookup(events: Sequence[Event[ApplicationSubmitted]]):
        asked.append([each.data.application_id for each in events])
        if len(asked) == 1:
            raise TransientError
        return lambda event: f"found for {event.data.application_id}"

    first, second = a_submission(), a_submission()
    kept = Kept()
    looking = replace(a_handler(kept), lookup=lookup)

    await handle([a_record(first), a_record(second)], looking, RecordingPublisher())

    assert asked == [[first.application_id, second.application_id]] * 2
    assert kept.ids == [f"found for {first.application_id}", f"found for {second.application_id}"]


async def test_outages_are_waited_out_and_a_failed_publish_does_not_repeat_keep():
    kept, publisher = Kept(failures=2), RecordingPublisher(failures=2)
    errors: list[str] = []
    retry = Retry(asyncio.Event(), errors.append)

    await handle([a_record(a_submission())], a_handler(kept), publisher, retry)

    assert kept.calls == 3
    assert len(publisher.published) == 1
    assert errors == ["TransientError"] * 4


async def test_cancelling_during_an_outage_abandons_the_batch():
    publisher = RecordingPublisher()
    retry = no_retry()
    retry.cancelled.set()

    with pytest.raises(AbandonedError):
        await handle([a_record(a_submission())], a_handler(Kept(failures=99)), publisher, retry)

    assert publisher.published == []


async def test_handling_a_batch_twice_publishes_the_same_events():
    kept, records = Kept(), [a_record(a_submission()) for _ in range(3)]
    first, second = RecordingPublisher(), RecordingPublisher()

    await handle(records, a_handler(kept), first)
    await handle(records, a_handler(kept), second)

    assert first.published == second.published
    assert len(kept.ids) == 3


HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_type", "ce_id", "traceparent", "x"]),
        st.none() | st.binary(max_size=8) | st.just(b"ApplicationSubmitted"),
    ),
    max_size=4,
)
GARBAGE = st.builds(raw_record, st.none() | st.binary(max_size=40), HEADERS)
RECORDS = st.lists(GARBAGE | st.builds(lambda: a_record(a_submission())), max_size=8)


@given(RECORDS)
def test_every_record_ends_as_a_proposal_a_dead_letter_or_an_unknown_type(records):
    batch = parse_all(records, PARSERS)
    proposals, dead = decide_all(batch.parsed, application_id)

    assert len(proposals) + len(dead) + len(batch.dead_letters) + batch.skipped == len(records)


ID = "5683f927-9752-8bef-bb81-b06046b53d29"


def test_attributes_become_the_headers_of_the_cloudevents_kafka_binding():
    attributes = Attributes("T", "id-1", "intake", ID, NOW, "00-ab-cd-01")

    assert dict(attributes.headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": b"id-1",
        "ce_type": b"T",
        "ce_source": b"intake",
        "ce_subject": ID.encode(),
        "ce_reference": b"AT1Z-J9WQ-AAZQ",
        "ce_time": b"2026-11-02T01:30:00.000Z",
        "content-type": b"application/json",
        "traceparent": b"00-ab-cd-01",
    }
