"""Redriven to a real `eligibility`: handled as if it came from its first topic, by nobody else."""

from collections import Counter
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.dead_letters import DeadLetter, DeadLetterEnvelope
from shared.dead_letters.letter import parse_letter
from shared.events.envelope import dead_letter_topic, redrive_topic
from shared.events.intake import APPLICATIONS
from shared.kafka.record import KafkaRecord
from shared.references import reference_of
from tests.dead_letters import DeadLetterFixture
from tests.factories import NOW, a_record, a_submission, raw_record
from tests.kafka import repeated_headers
from tests.waiting import eventually

GROUP = "eligibility"
DECISIONS = "eligibility.decisions.v1"


@pytest.fixture
def eligibility(service_process):
    return service_process(GROUP)


@pytest.fixture
def fixture(infra, eligibility):
    assert eligibility.pid
    return DeadLetterFixture(infra.kafka_bootstrap_servers, GROUP)


def add_dead_letter(fixture, record):
    addressed = DeadLetterEnvelope(GROUP, "0.9").wrap(DeadLetter(record, "invalid", "x"), NOW)
    return fixture.write(addressed.value, addressed.headers, addressed.key, addressed.time)


def decided(fixture, key):
    return [each for each in fixture.client.read(DECISIONS) if each.key() == key]


def letters_about(fixture, key):
    reference = reference_of(key.decode())
    options = ["--group", GROUP, "--letters", "--json", "--key", reference]
    return fixture.run("list", *options).documents


@pytest.mark.timeout(180)
def test_after_the_fix_a_redriven_record_is_decided_once_however_often_it_comes(
    fixture, eligibility
):
    record = a_record(a_submission())
    letter = add_dead_letter(fixture, record)
    facts = len(fixture.client.read(APPLICATIONS.name))

    first = fixture.run("redrive", letter, "--execute")
    eventually(lambda: decided(fixture, record.key))
    again = fixture.run("redrive", letter, "--execute", "--again")
    eventually(lambda: len(decided(fixture, record.key)) == 2)

    assert (first.code, again.code) == (0, 0)
    events = decided(fixture, record.key)
    assert len({(each.value(), str(repeated_headers(each))) for each in events}) == 1
    shown = httpx.get(f"{eligibility.url}/v1/decisions/{record.key.decode()}").json()
    assert len(shown) == 1
    assert len(fixture.client.read(APPLICATIONS.name)) == facts
    assert [each["state"] for each in letters_about(fixture, record.key)] == ["redriven"]


@pytest.mark.timeout(180)
def test_a_record_that_fails_again_counts_its_attempts_until_the_guard_stops_it(fixture):
    key = str(uuid4()).encode()
    broken = raw_record(b"{", [("ce_type", b"ApplicationSubmitted")], key=key, offset=17)
    fixture.client.write(APPLICATIONS.name, broken.value, broken.headers, key)
    wanted = ("redrive", "--group", GROUP, "--key", key.decode(), "--execute")

    for attempts in (1, 2):
        eventually(lambda n=attempts: len(letters_about(fixture, key)) == n)
        assert fixture.run(*wanted).code == 0
    eventually(lambda: len(letters_about(fixture, key)) == 3)
    stopped = fixture.run(*wanted)

    assert (stopped.code, "has failed 3 times" in stopped.err) == (1, True)
    letters = letters_about(fixture, key)
    assert Counter(each["state"] for each in letters) == {"redriven": 2, "open": 1}
    assert [each["attempts"] for each in letters] == [1, 2, 3]
    assert {each["topic"] for each in letters} == {APPLICATIONS.name}
    assert len([e for e in fixture.client.read(APPLICATIONS.name) if e.key() == key]) == 1


@pytest.mark.timeout(180)
def test_redriving_while_traffic_flows_changes_nothing_for_others(fixture):
    redriven, others = [a_record(a_submission()) for _ in range(10)], []
    letters = [add_dead_letter(fixture, each) for each in redriven]
    for letter in letters:
        for _ in range(3):
            others.append(a_record(a_submission()))
            fixture.client.write(
                APPLICATIONS.name, others[-1].value, others[-1].headers, others[-1].key
            )
        assert fixture.run("redrive", letter, "--execute").code == 0

    everybody = {each.key for each in [*redriven, *others]}
    eventually(lambda: everybody <= {each.key() for each in fixture.client.read(DECISIONS)})
    seen = Counter(each.key() for each in fixture.client.read(DECISIONS))
    assert {seen[key] for key in everybody} == {1}


BYTES = st.binary(max_size=12)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_type", "x-dead-letter-reason", "x-dead-letter-topic", "other"]),
        BYTES | st.none(),
    ),
    max_size=6,
)


def on(topic: str, outgoing) -> KafkaRecord:
    return raw_record(outgoing.value, outgoing.headers, topic=topic, key=outgoing.key)


@given(key=BYTES | st.none(), value=BYTES | st.none(), headers=HEADERS)
def test_every_dead_lettered_record_is_redriven_unchanged(key, value, headers):
    record = raw_record(value, headers, topic="intake.applications.v1", offset=9, key=key)
    service = DeadLetterEnvelope("group", "1.0")
    given_up = service.wrap(DeadLetter(record, "invalid", "x"), NOW)

    letter = parse_letter("group", on(dead_letter_topic("group").name, given_up))
    back = service.unwrap(on(redrive_topic("group").name, letter.redriven()))

    assert (letter.damage, letter.attempts, letter.topic) == ("", 1, record.topic)
    assert (back.topic, back.offset, back.headers) == (record.topic, 9, record.headers)
    assert (back.key, back.value or b"") == (record.key, record.value or b"")


@given(key=BYTES | st.none(), value=BYTES | st.none(), headers=HEADERS)
def test_no_record_is_too_damaged_to_be_looked_at(key, value, headers):
    letter = parse_letter("group", raw_record(value, headers, key=key))

    assert letter.damage
    assert f"{letter.reason}{letter.error}{letter.topic}".isprintable()
