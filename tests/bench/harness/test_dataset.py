from statistics import mean

import orjson
import pytest
from aiokafka import ConsumerRecord
from pydantic import TypeAdapter, ValidationError

from bench.harness.dataset import DataSet
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide
from shared.clock import hong_kong_date
from shared.consumer.parsing import parse_all
from shared.events.intake import ApplicationSubmitted
from tests.contracts.releases import schemas

PARSE = TypeAdapter(ApplicationSubmitted).validate_json
RECORDS = 3_000


def as_record(message):
    return ConsumerRecord(
        topic="any",
        partition=0,
        offset=0,
        timestamp=message.time_ms,
        timestamp_type=0,
        key=message.key,
        value=message.value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=message.headers,
    )


@pytest.fixture(scope="module")
def messages():
    return list(DataSet("any", RECORDS, poison_every=1_000).messages())


def test_an_event_has_about_1200_bytes(messages):
    assert 1_150 < mean(len(each.value) for each in messages if each.expected) < 1_250


def test_the_same_data_set_always_has_the_same_bytes(messages):
    again = list(DataSet("other", RECORDS, poison_every=1_000).messages())
    assert [(each.value, each.headers) for each in again] == [
        (each.value, each.headers) for each in messages
    ]


def test_the_rules_decide_good_records_as_the_samples_expect(messages):
    programme = load_programme()
    for each in messages:
        if each.expected:
            event = PARSE(each.value)
            decision = decide(event.application, hong_kong_date(event.received_at), programme)
            assert (decision.outcome, decision.grant_cents, decision.reasons) == (
                each.expected.outcome,
                each.expected.grant_cents,
                each.expected.reasons,
            )


def test_no_application_states_what_the_form_of_release_0_1_0_did_not_ask_for(messages):
    known = set(names(schemas("0.1.0")["ApplicationSubmitted"]))
    for each in messages:
        if each.expected:
            assert set(keys(orjson.loads(each.value))) <= known


def names(schema):
    """Return the name of every field in a schema."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


def keys(value):
    """Return the name of every field in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from keys(each)


def test_a_data_set_has_every_outcome_and_stream(messages):
    good = [each for each in messages if each.expected]
    assert {each.expected.outcome for each in good} == {"eligible", "ineligible", "referred"}
    assert len({PARSE(each.value).application.stream for each in good}) == 7


def test_every_application_names_a_different_factory(messages):
    applications = [PARSE(each.value).application for each in messages if each.expected]
    numbers = [a.factory.registration_number for a in applications if hasattr(a, "factory")]
    assert len(numbers) == len(set(numbers))


def test_one_record_in_a_thousand_is_bad(messages):
    bad = [each for each in messages if each.expected is None]
    assert len(bad) == DataSet("any", RECORDS, poison_every=1_000).poison_count == 3
    for each in bad:
        with pytest.raises((ValidationError, ValueError)):
            PARSE(each.value)


def test_bad_records_are_of_three_kinds():
    data_set = DataSet("any", 6_000, poison_every=1_000)
    records = [as_record(each) for each in data_set.messages() if each.expected is None]
    batch = parse_all(records, {"ApplicationSubmitted": PARSE})
    errors = {letter.error for letter in batch.dead_letters}
    assert len(batch.dead_letters) == 6
    assert len({error.rpartition(":")[2] for error in errors}) == 3
