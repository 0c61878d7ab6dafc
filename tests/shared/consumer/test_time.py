"""When an event happened: by its own attribute, whatever the timestamp of its record is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import from_milliseconds, milliseconds
from shared.consumer.parsing import parse_all
from tests.factories import NOW, a_record, a_submission, raw_record
from tests.shared.consumer.batches import (
    ON_TOMBSTONE,
    PARSERS,
    Kept,
    RecordingPublisher,
    a_handler,
    handle,
)

NOW_MS = milliseconds(NOW)
COPIED_MS = milliseconds(NOW + timedelta(days=400))
TYPE = ("ce_type", b"ApplicationSubmitted")
VALUE = a_submission().model_dump_json().encode()


def parsed(headers, *, value=VALUE, timestamp_ms=COPIED_MS, topic="intake.applications.v1"):
    record = replace(raw_record(value, headers, topic=topic), timestamp=timestamp_ms)
    return parse_all([record], PARSERS, ON_TOMBSTONE)


@pytest.mark.parametrize("timestamp_ms", [COPIED_MS, 0, -1, 2**62])
def test_the_timestamp_of_the_record_makes_no_difference(timestamp_ms):
    headers = a_record(a_submission(), time=NOW).headers

    [event] = parsed(headers, timestamp_ms=timestamp_ms).events

    assert event.time_ms == NOW_MS


@pytest.mark.parametrize(
    "ce_time",
    [
        b"2026-11-02T01:30:00.000Z",
        b"2026-11-02T01:30:00Z",
        b"2026-11-02t01:30:00.0009999z",
        b"2026-11-02T09:30:00+08:00",
        b"2026-11-01T23:30:00.000000-02:00",
    ],
)
def test_every_form_of_rfc_3339_is_a_time(ce_time):
    [event] = parsed([TYPE, ("ce_time", ce_time)]).events

    assert event.time_ms == NOW_MS


@pytest.mark.parametrize(
    "ce_time",
    [
        b"yesterday",
        b"1793583000",
        b"2026-11-02",
        b"20261102T013000Z",
        b"2026-11-02T01:30:00",
        b"2026-W45-1T01:30:00Z",
        b"2026-02-30T01:30:00Z",
        b"0000-01-01T00:00:00Z",
        b" 2026-11-02T01:30:00Z",
        "\uff12\uff10\uff12\uff16-11-02T01:30:00Z".encode(),  # digits, but not of ASCII
        b"2026-11-02T01:30:00Z\n",
        b"\xff\xfe",
    ],
)
def test_anything_else_is_a_dead_letter_that_does_not_repeat_it(ce_time):
    [letter] = parsed([TYPE, ("ce_time", ce_time)]).dead_letters

    assert (letter.reason, letter.error) == (
        "malformed",
        "header ce_time is not a time as in RFC 3339",
    )


@pytest.mark.parametrize("headers", [[TYPE], [TYPE, ("ce_time", None)], [TYPE, ("ce_time", b"")]])
def test_a_record_without_a_time_of_its_own_has_its_timestamp(headers):
    [event] = parsed(headers, timestamp_ms=NOW_MS).events

    assert event.time_ms == NOW_MS


def test_a_tombstone_has_its_timestamp_unless_it_says_when_it_was():
    own = [("ce_time", b"2026-11-02T01:30:00Z")]
    without, with_time = (
        parsed(headers, value=None, topic="contacts").parsed[0][1] for headers in ([], own)
    )

    assert without == f"erase b'key' as of {COPIED_MS}"
    assert with_time == f"erase b'key' as of {NOW_MS}"


@pytest.mark.parametrize("timestamp_ms", [-1, 2**62, -(2**62)])
async def test_a_dead_letter_of_a_record_with_any_timestamp_is_published(timestamp_ms):
    publisher = RecordingPublisher()
    bad = replace(raw_record(b"{", [TYPE]), timestamp=timestamp_ms)

    await handle([bad], a_handler(Kept()), publisher)

    [letter] = publisher.published
    assert letter.value == b"{"
    assert letter.time.year in {1970, 9999}


def test_a_timestamp_is_the_nearest_time_that_there_is():
    assert from_milliseconds(NOW_MS) == NOW
    assert from_milliseconds(-1) == datetime(1970, 1, 1, tzinfo=UTC)
    assert from_milliseconds(2**63 - 1) == datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)
