"""The parts that a small handler is made of."""

from shared.consumer.handling import no_event, no_store
from shared.consumer.parsing import parsers_of
from shared.events.intake import ApplicationSubmitted, ApplicationWithdrawn
from tests.factories import NOW, a_submission, an_event


def test_parsers_are_found_by_the_type_of_the_event():
    data = a_submission()
    parsers = parsers_of(ApplicationSubmitted, ApplicationWithdrawn)

    assert parsers.keys() == {"ApplicationSubmitted", "ApplicationWithdrawn"}
    assert parsers["ApplicationSubmitted"](data.model_dump_json().encode()) == data


async def test_a_handler_without_a_store_passes_on_and_one_without_events_announces_nothing():
    assert await no_store(["a", "b"]) == ["a", "b"]
    assert no_event("a") is None


def test_an_event_has_the_same_fingerprint_whenever_it_is_delivered_and_no_other_event_has():
    data = a_submission()

    assert an_event(data).fingerprint == an_event(data, traceparent="00-a-b-01").fingerprint
    assert an_event(data).fingerprint != an_event(a_submission()).fingerprint
    assert an_event(data).fingerprint != an_event(data, time=NOW.replace(hour=3)).fingerprint
