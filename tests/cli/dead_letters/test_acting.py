"""`cppp dead-letters redrive` and `park` on a real Kafka: what is done, once, and by whom."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from getpass import getuser

import orjson
import pytest

from tests.dead_letters import ODD, DeadLetterFixture
from tests.factories import NOW
from tests.kafka import repeated_headers
from tests.waiting import eventually

MANY = 200  # at 20 a second, so that the kill comes in the middle on a busy machine, too


@pytest.fixture
def fixture(infra):
    return DeadLetterFixture(infra.kafka_bootstrap_servers)


def content(message):
    return message.key(), message.value(), repeated_headers(message)


def test_a_redriven_record_is_the_dead_letter_byte_for_byte(fixture):
    letter = fixture.dead_letter(b"\x00\xff{", ODD, key=b"\xfe")

    said = fixture.run("redrive", letter, "--execute")

    assert (said.code, "1 of 1 redriven." in said.err) == (0, True)
    [redriven] = fixture.on(fixture.redrives)
    assert content(redriven) == content(fixture.on(fixture.letters.name)[0])
    assert redriven.timestamp()[1] == NOW.timestamp() * 1000, "its first timestamp"


def test_an_action_on_a_topic_that_was_made_anew_says_nothing_about_its_letters(fixture):
    parked, of_another, of_any = (fixture.dead_letter() for _ in range(3))
    assert fixture.run("park", parked, "--because", "test", "--execute").code == 0
    [action] = fixture.on(fixture.actions)
    data = orjson.loads(action.value())
    assert data["topic_id"] == fixture.client.topic_id(fixture.letters.name)

    write_action(fixture, of_another, {**data, "topic_id": "AAAAAAAAAAAAAAAAAAAAAQ"})
    write_action(fixture, of_any, {k: v for k, v in data.items() if k != "topic_id"})

    assert fixture.states() == {parked: "parked", of_another: "open", of_any: "parked"}


def write_action(fixture, letter, data):
    partition, offset = letter.split("/")[1:]
    fixture.client.write(fixture.actions, orjson.dumps(data), key=f"{partition}:{offset}".encode())


def test_a_tombstone_and_a_record_of_nothing_come_back_as_they_were(fixture):
    letters = [fixture.dead_letter(None), fixture.dead_letter(None, key=b"")]

    assert fixture.run("redrive", *letters, "--execute").code == 0

    redriven = {content(each)[:2] for each in fixture.on(fixture.redrives)}
    assert redriven == {content(each)[:2] for each in fixture.on(fixture.letters.name)}


def test_the_topic_that_it_came_from_is_left_alone(fixture):
    fixture.dead_letter()
    fixture.dead_letter()

    fixture.run("redrive", "--all", "--group", fixture.group, "--execute")

    assert len(fixture.on(fixture.redrives)) == 2
    assert fixture.on(fixture.origin.name) == []


@pytest.mark.parametrize("command", [["redrive"], ["park", "--because", "no use"]])
def test_without_execute_it_only_shows_what_it_would_do(fixture, command):
    letter = fixture.dead_letter()
    topics = fixture.topics()

    named = fixture.run(*command, letter)
    by_filter = fixture.run(*command, "--group", fixture.group)

    for said in (named, by_filter):
        assert said.code == 0
        assert letter in said.err
        assert "Nothing was done: this was a dry run." in said.err
    assert fixture.topics() == topics
    assert fixture.states() == {letter: "open"}


def test_a_filter_redrives_the_open_letters_that_match(fixture):
    wanted = fixture.dead_letter(reason="invalid")
    parked = fixture.dead_letter(reason="invalid")
    fixture.dead_letter(reason="malformed")
    fixture.run("park", parked, "--because", "no use", "--execute")

    said = fixture.run("redrive", "--group", fixture.group, "--reason", "invalid", "--execute")
    repeated = fixture.run("redrive", "--group", fixture.group, "--reason", "invalid", "--execute")

    assert (said.code, "1 of 1 redriven." in said.err) == (0, True)
    assert (repeated.code, "No open letters match." in repeated.err) == (0, True)
    assert Counter(fixture.states().values()) == {"redriven": 1, "parked": 1, "open": 1}
    assert fixture.states()[wanted] == "redriven"
    assert len(fixture.on(fixture.redrives)) == 1


def test_a_letter_that_was_redriven_is_refused_when_named_again(fixture):
    letter, other = fixture.dead_letter(), fixture.dead_letter()
    fixture.run("redrive", letter, "--execute", "--by", "ada", "--because", "mended")

    said = fixture.run("redrive", letter, other, "--execute")

    assert said.code == 1
    assert f"refused {letter}: already redriven at 2" in said.err
    assert "by ada: mended" in said.err
    assert "1 of 1 redriven." in said.err
    assert fixture.states()[other] == "redriven"
    assert len(fixture.on(fixture.redrives)) == 2


def test_a_letter_named_twice_is_redriven_once(fixture):
    letter = fixture.dead_letter()

    fixture.run("redrive", letter, letter, "--execute")

    assert len(fixture.on(fixture.redrives)) == 1


def test_a_parked_letter_is_taken_back_when_named_with_again(fixture):
    letter = fixture.dead_letter()
    fixture.run("park", letter, "--because", "no use", "--by", "ada", "--execute")

    refused = fixture.run("redrive", letter, "--execute")
    taken_back = fixture.run("redrive", letter, "--execute", "--again")

    assert (refused.code, "already parked at" in refused.err) == (1, True)
    assert "by ada: no use" in refused.err
    assert (taken_back.code, fixture.states()) == (0, {letter: "redriven"})


def test_a_letter_that_failed_too_often_is_refused_unless_forced(fixture):
    often = fixture.dead_letter(attempts=b"3")
    fixture.dead_letter(attempts=b"2")
    everything = ("redrive", "--group", fixture.group, "--execute")

    guarded = fixture.run(*everything)
    stricter = fixture.run("redrive", often, "--execute", "--max-attempts", "4")
    fixture.dead_letter(attempts=b"12")
    forced = fixture.run(*everything, "--force")

    assert guarded.code == 1
    assert f"refused {often}: has failed 3 times; the limit is 3." in guarded.err
    assert "1 of 1 redriven." in guarded.err
    assert (stricter.code, forced.code) == (0, 0)
    assert set(fixture.states().values()) == {"redriven"}


@pytest.mark.parametrize("changed", [{"topic": None}, {"attempts": b"?"}, {"partition": b""}])
def test_a_damaged_letter_is_refused_and_can_be_parked(fixture, changed):
    damaged = fixture.dead_letter(**changed)
    good = fixture.dead_letter()

    said = fixture.run("redrive", "--group", fixture.group, "--execute", "--force")

    assert said.code == 1
    assert f"refused {damaged}: cannot be redriven: x-dead-letter-" in said.err
    assert fixture.states() == {damaged: "open", good: "redriven"}
    assert fixture.run("park", damaged, "--because", "damaged", "--execute").code == 0
    assert fixture.states()[damaged] == "parked"


def test_parking_needs_a_reason_and_is_noted_once(fixture):
    letter = fixture.dead_letter()

    assert fixture.run("park", letter, "--execute").code == 2
    for unseen in (" ", "\u200b", "a\nb"):
        assert fixture.run("park", letter, "--because", unseen, "--execute").code == 2
        assert fixture.run("redrive", letter, "--because", unseen, "--execute").code == 2
    assert fixture.states() == {letter: "open"}
    assert fixture.run("park", letter, "--because", "no use", "--execute").code == 0
    again = fixture.run("park", letter, "--because", "no use", "--execute")
    assert (again.code, "already parked" in again.err) == (1, True)
    assert fixture.on(fixture.redrives) == []


def test_an_action_records_who_did_it_when_and_why(fixture):
    letter = fixture.dead_letter(attempts=b"2")

    fixture.run("redrive", letter, "--execute", "--because", "mended")

    [noted] = fixture.run("show", letter, "--json").documents["history"]
    assert noted.pop("at") > "2026"
    assert noted == {
        "action": "redriven",
        "by": getuser(),
        "because": "mended",
        "attempts": 2,
    }


def test_nobody_acts_without_a_name(fixture):
    letter = fixture.dead_letter()

    for unseen in (" ", "\u3164", "a\nb"):
        assert fixture.run("redrive", letter, "--execute", "--by", unseen).code == 2


@pytest.mark.parametrize("command", [["redrive"], ["park", "--because", "x"]])
def test_everything_is_meant_only_if_it_is_said(fixture, command):
    letter = fixture.dead_letter()

    nothing, both = fixture.run(*command), fixture.run(*command, letter, "--all")

    assert (nothing.code, "--all" in nothing.err) == (2, True)
    assert (both.code, "not both" in both.err) == (2, True)


def test_letters_of_several_groups_go_each_to_their_own(fixture, infra):
    other = DeadLetterFixture(infra.kafka_bootstrap_servers)
    letters = [fixture.dead_letter(), other.dead_letter()]

    assert fixture.run("redrive", *letters, "--execute").code == 0

    assert [len(each.on(each.redrives)) for each in (fixture, other)] == [1, 1]


def test_letters_of_one_application_come_back_in_their_order(fixture):
    letters = [fixture.dead_letter(str(number).encode(), key=b"one") for number in range(5)]

    fixture.run("redrive", *reversed(letters), "--execute")

    assert [each.value() for each in fixture.on(fixture.redrives)] == [b"0", b"1", b"2", b"3", b"4"]


def test_no_more_are_redriven_in_a_second_than_the_rate_allows(fixture):
    fixture.write_many(8)

    started = time.monotonic()
    fixture.run("redrive", "--group", fixture.group, "--rate", "5", "--execute")
    elapsed = timedelta(seconds=time.monotonic() - started)

    assert len(fixture.on(fixture.redrives)) == 8
    assert elapsed >= timedelta(seconds=7 / 5)


def test_a_rate_of_nothing_is_refused(fixture):
    assert fixture.run("redrive", "--all", "--rate", "0").code == 2


@pytest.mark.timeout(120)
def test_killed_in_the_middle_and_started_again_it_redrives_the_rest(fixture):
    fixture.write_many(MANY)
    command = [sys.executable, "-m", "cli.main", "dead-letters", "redrive"]
    command += ["--group", fixture.group, "--kafka", fixture.servers, "--rate", "20", "--execute"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:  # noqa: S603 - our own command
        eventually(lambda: len(fixture.on(fixture.actions)) >= 5, within_seconds=60)
        os.kill(killed.pid, signal.SIGKILL)
    noted = len(fixture.on(fixture.actions))
    done = len(fixture.on(fixture.redrives))

    said = fixture.run("redrive", "--group", fixture.group, "--rate", "1000", "--execute")

    assert 5 <= noted <= done <= noted + 1 < MANY
    assert (said.code, f"{MANY - noted} of {MANY - noted} redriven." in said.err) == (0, True)
    redriven = Counter(each.key() for each in fixture.on(fixture.redrives))
    assert len(redriven) == MANY
    assert redriven.total() - MANY == done - noted, "only what was in the gap comes again"
    assert set(fixture.states().values()) == {"redriven"}
