"""One batch: what becomes of good records, bad ones, and outages."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.clock import milliseconds
from shared.consumer.dead_letters import DeadLetter
from shared.consumer.handling import Steps, Surroundings, decide_all, handle_batch
from shared.consumer.parsing import Reading, next_offsets, read_all
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Attributes, Event, Outgoing
from shared.events.intake import ApplicationSubmitted
from tests.factories import NOW, a_record, a_submission, raw_record

READ = {"ApplicationSubmitted": TypeAdapter(ApplicationSubmitted).validate_json}


class RecordingPublisher:
    """Confirms everything after failing as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.published: list[Outgoing] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        if self.failures:
            self.failures -= 1
            raise TransientError
        self.published.extend(events)


class Kept:
    """Keeps the first of each id, after failing as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0
        self.ids: list[str] = []

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise TransientError
        self.ids += [each for each in proposals if each not in self.ids]
        return proposals


def application_id(event: Event[ApplicationSubmitted]) -> str:
    return event.data.application_id


def announced(kept: str) -> Outgoing:
    return Outgoing("decisions", kept.encode(), b"decided", [], NOW)


def dead_letter(letter: DeadLetter) -> Outgoing:
    return Outgoing("dead", letter.record.key, letter.record.value, letter.record.headers, NOW)


ERASE = {"contacts": lambda key, time_ms: f"erase {key!r} as of {time_ms}"}


def steps(kept: Kept, decide=application_id) -> Steps[str, str]:
    return Steps(READ, decide, kept.keep, announced, ERASE)


def surroundings(publisher: RecordingPublisher) -> Surroundings:
    return Surroundings(publisher, dead_letter, asyncio.Event())


async def test_a_good_record_is_kept_and_then_announced():
    kept, publisher, submitted = Kept(), RecordingPublisher(), a_submission()

    await handle_batch([a_record(submitted)], steps(kept), surroundings(publisher))

    assert kept.ids == [submitted.application_id]
    assert [each.key for each in publisher.published] == [submitted.application_id.encode()]


BAD = {
    "invalid JSON": raw_record(b"{", [("ce_type", b"ApplicationSubmitted")]),
    "JSON of another shape": raw_record(b"[]", [("ce_type", b"ApplicationSubmitted")]),
    "no value": raw_record(None, [("ce_type", b"ApplicationSubmitted")]),
    "no event type": raw_record(b"{}"),
    "an event type without value": raw_record(b"{}", [("ce_type", None)]),
    "a type that is not text": raw_record(b"{}", [("ce_type", b"\xff\xfe")]),
    "another header that is not text": raw_record(
        b"{}", [("ce_type", b"ApplicationSubmitted"), ("x-any", b"\x80")]
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_record_is_dead_lettered_as_it_came_and_the_next_is_decided(bad):
    kept, publisher, good = Kept(), RecordingPublisher(), a_submission()

    await handle_batch([bad, a_record(good)], steps(kept), surroundings(publisher))

    assert kept.ids == [good.application_id]
    decision, letter = publisher.published
    assert decision.topic == "decisions"
    assert (letter.topic, letter.value, letter.headers) == ("dead", bad.value, bad.headers)


async def test_an_unknown_event_type_is_skipped_and_counted():
    newer = raw_record(b"not even JSON", [("ce_type", b"ApplicationPraised")])
    kept, publisher = Kept(), RecordingPublisher()

    handled = await handle_batch([newer], steps(kept), surroundings(publisher))

    assert handled.skipped == 1
    assert (kept.calls, publisher.published) == (0, [])


async def test_a_bug_in_decide_costs_only_the_record_that_meets_it():
    good, fatal = a_submission(), a_submission()

    def decide(event: Event[ApplicationSubmitted]) -> str:
        if event.data.application_id == fatal.application_id:
            raise ZeroDivisionError
        return application_id(event)

    batch = read_all([a_record(fatal), a_record(good)], Reading(READ))
    proposals, dead = decide_all(batch.asked, decide)

    assert proposals == [good.application_id]
    assert [(each.reason, each.error) for each in dead] == [("unprocessable", "ZeroDivisionError")]


async def test_the_reason_of_a_dead_letter_names_the_field_and_not_its_value():
    submitted = a_submission()
    value = submitted.model_dump_json().replace('"assessment"', '"secret-stream"').encode()

    batch = read_all([raw_record(value, [("ce_type", b"ApplicationSubmitted")])], Reading(READ))

    assert batch.dead[0].error == "application: union_tag_invalid"


async def test_a_tombstone_on_a_compacted_topic_asks_for_erasure():
    kept = Kept()
    tombstone = raw_record(None, topic="contacts", key=b"k")

    await handle_batch([tombstone], steps(kept), surroundings(RecordingPublisher()))

    assert kept.ids == [f"erase b'k' as of {milliseconds(NOW)}"]


async def test_a_look_up_is_made_once_for_the_batch_and_repeated_during_an_outage():
    asked: list[list[str]] = []

    async def look_up(events: Sequence[Event[ApplicationSubmitted]]):
        asked.append([each.data.application_id for each in events])
        if len(asked) == 1:
            raise TransientError
        return lambda event: f"found for {event.data.application_id}"

    first, second = a_submission(), a_submission()
    kept = Kept()
    looking = replace(steps(kept), look_up=look_up)

    await handle_batch(
        [a_record(first), a_record(second)], looking, surroundings(RecordingPublisher())
    )

    assert asked == [[first.application_id, second.application_id]] * 2
    assert kept.ids == [f"found for {first.application_id}", f"found for {second.application_id}"]


async def test_outages_are_waited_out_and_keeping_is_not_repeated_for_publishing():
    kept, publisher = Kept(failures=2), RecordingPublisher(failures=2)
    errors: list[str] = []
    around = Surroundings(publisher, dead_letter, asyncio.Event(), errors.append)

    await handle_batch([a_record(a_submission())], steps(kept), around)

    assert kept.calls == 3
    assert len(publisher.published) == 1
    assert errors == ["TransientError"] * 4


async def test_giving_up_during_an_outage_abandons_the_batch():
    publisher = RecordingPublisher()
    around = surroundings(publisher)
    around.giving_up.set()

    with pytest.raises(AbandonedError):
        await handle_batch([a_record(a_submission())], steps(Kept(failures=99)), around)

    assert publisher.published == []


async def test_handling_a_batch_twice_publishes_the_same_events():
    kept, records = Kept(), [a_record(a_submission()) for _ in range(3)]
    first, second = RecordingPublisher(), RecordingPublisher()

    await handle_batch(records, steps(kept), surroundings(first))
    await handle_batch(records, steps(kept), surroundings(second))

    assert first.published == second.published
    assert len(kept.ids) == 3


def test_the_offset_after_the_last_record_of_each_partition_is_committed():
    records = [raw_record(b"", offset=4), raw_record(b"", offset=5), raw_record(b"", topic="other")]

    offsets = {(tp.topic, tp.partition): offset for tp, offset in next_offsets(records).items()}

    assert offsets == {("intake.applications.v1", 0): 6, ("other", 0): 1}


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
    batch = read_all(records, Reading(READ))
    proposals, dead = decide_all(batch.asked, application_id)

    assert len(proposals) + len(dead) + len(batch.dead) + batch.skipped == len(records)


def test_attributes_become_the_headers_of_the_cloudevents_kafka_binding():
    attributes = Attributes("T", "id-1", "intake", "app-1", NOW, "00-ab-cd-01")

    assert dict(attributes.headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": b"id-1",
        "ce_type": b"T",
        "ce_source": b"intake",
        "ce_subject": b"app-1",
        "ce_time": b"2026-11-02T01:30:00.000Z",
        "content-type": b"application/json",
        "traceparent": b"00-ab-cd-01",
    }
