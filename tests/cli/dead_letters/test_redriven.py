"""Redriven to a real `eligibility`: handled as if it came from its first topic, by nobody else."""

from collections import Counter
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.dead_letters.letter import letter_of
from shared.consumer.dead_letters import DeadLetter, DeadLetterEnvelope
from shared.events.envelope import dead_letter_topic, redrive_topic
from shared.events.intake import APPLICATIONS
from shared.kafka.record import KafkaRecord
from tests.cli.dead_letters.fixture import Office
from tests.factories import NOW, a_record, a_submission, raw_record
from tests.waiting import eventually

GROUP = "eligibility"
DECISIONS = "eligibility.decisions.v1"


@pytest.fixture
def eligibility(service_process):
    return service_process(GROUP)


@pytest.fixture
def office(infra, eligibility):
    assert eligibility.pid
    return Office(infra.kafka_bootstrap_servers, GROUP)


def give_up(office, record):
    addressed = DeadLetterEnvelope(GROUP, "0.9").wrap(DeadLetter(record, "invalid", "x"), NOW)
    return office.write(addressed.value, addressed.headers, addressed.key, addressed.time)


def decided(office, key):
    return [each for each in office.client.read(DECISIONS) if each.key() == key]


def letters_about(office, key):
    options = ["--group", GROUP, "--letters", "--json", "--key", key.decode()]
    return office.run("list", *options).documents


@pytest.mark.timeout(180)
def test_what_a_mended_service_can_handle_is_decided_once_however_often_it_comes(
    office, eligibility
):
    record = a_record(a_submission())
    letter = give_up(office, record)
    facts = len(office.client.read(APPLICATIONS.name))

    first = office.run("redrive", letter, "--execute")
    eventually(lambda: decided(office, record.key))
    again = office.run("redrive", letter, "--execute", "--again")
    eventually(lambda: len(decided(office, record.key)) == 2)

    assert (first.code, again.code) == (0, 0)
    events = decided(office, record.key)
    assert len({(each.value(), str(each.headers())) for each in events}) == 1
    shown = httpx.get(f"{eligibility.url}/v1/decisions/{record.key.decode()}").json()
    assert len(shown) == 1
    assert len(office.client.read(APPLICATIONS.name)) == facts
    assert [each["state"] for each in letters_about(office, record.key)] == ["redriven"]


@pytest.mark.timeout(180)
def test_what_is_still_broken_comes_back_counted_until_the_guard_stops_it(office):
    key = str(uuid4()).encode()
    broken = raw_record(b"{", [("ce_type", b"ApplicationSubmitted")], key=key, offset=17)
    office.client.write(APPLICATIONS.name, broken.value, broken.headers, key)
    wanted = ("redrive", "--group", GROUP, "--key", key.decode(), "--execute")

    for attempts in (1, 2):
        eventually(lambda n=attempts: len(letters_about(office, key)) == n)
        assert office.run(*wanted).code == 0
    eventually(lambda: len(letters_about(office, key)) == 3)
    stopped = office.run(*wanted)

    assert (stopped.code, "has failed 3 times" in stopped.err) == (1, True)
    letters = letters_about(office, key)
    assert Counter(each["state"] for each in letters) == {"redriven": 2, "open": 1}
    assert [each["attempts"] for each in letters] == [1, 2, 3]
    assert {each["topic"] for each in letters} == {APPLICATIONS.name}
    assert len([e for e in office.client.read(APPLICATIONS.name) if e.key() == key]) == 1


@pytest.mark.timeout(180)
def test_redriving_while_traffic_flows_changes_nothing_for_others(office):
    redriven, others = [a_record(a_submission()) for _ in range(10)], []
    letters = [give_up(office, each) for each in redriven]
    for letter in letters:
        for _ in range(3):
            others.append(a_record(a_submission()))
            office.client.write(
                APPLICATIONS.name, others[-1].value, others[-1].headers, others[-1].key
            )
        assert office.run("redrive", letter, "--execute").code == 0

    everybody = {each.key for each in [*redriven, *others]}
    eventually(lambda: everybody <= {each.key() for each in office.client.read(DECISIONS)})
    seen = Counter(each.key() for each in office.client.read(DECISIONS))
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
def test_every_record_that_a_service_gives_up_comes_back_to_it_as_it_was(key, value, headers):
    record = raw_record(value, headers, topic="intake.applications.v1", offset=9, key=key)
    service = DeadLetterEnvelope("group", "1.0")
    given_up = service.wrap(DeadLetter(record, "invalid", "x"), NOW)

    letter = letter_of("group", on(dead_letter_topic("group").name, given_up))
    back = service.unwrap(on(redrive_topic("group").name, letter.redriven()))

    assert (letter.damage, letter.attempts, letter.topic) == ("", 1, record.topic)
    assert (back.topic, back.offset, back.headers) == (record.topic, 9, record.headers)
    assert (back.key, back.value or b"") == (record.key, record.value or b"")


@given(key=BYTES | st.none(), value=BYTES | st.none(), headers=HEADERS)
def test_no_record_is_too_damaged_to_be_looked_at(key, value, headers):
    letter = letter_of("group", raw_record(value, headers, key=key))

    assert letter.damage
    assert f"{letter.reason}{letter.error}{letter.topic}".isprintable()
