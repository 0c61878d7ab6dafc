"""`cppp dead-letters redrive` and `park` on a real Kafka: what is done, once, and by whom."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from getpass import getuser

import pytest

from tests.cli.dead_letters.fixture import ODD, Office
from tests.factories import NOW
from tests.waiting import eventually


@pytest.fixture
def office(infra):
    return Office(infra.kafka_bootstrap_servers)


def content(message):
    return message.key(), message.value(), message.headers()


def test_a_redriven_record_is_the_dead_letter_byte_for_byte(office):
    letter = office.give_up(b"\x00\xff{", ODD, key=b"\xfe")

    said = office.run("redrive", letter, "--execute")

    assert (said.code, "1 of 1 redriven." in said.err) == (0, True)
    [redriven] = office.on(office.redrives)
    assert content(redriven) == content(office.on(office.letters.name)[0])
    assert redriven.timestamp()[1] == NOW.timestamp() * 1000, "its first timestamp"


def test_a_tombstone_and_a_record_of_nothing_come_back_as_they_were(office):
    letters = [office.give_up(None), office.give_up(None, key=b"")]

    assert office.run("redrive", *letters, "--execute").code == 0

    redriven = {content(each)[:2] for each in office.on(office.redrives)}
    assert redriven == {content(each)[:2] for each in office.on(office.letters.name)}


def test_the_topic_that_it_came_from_is_left_alone(office):
    office.give_up()
    office.give_up()

    office.run("redrive", "--all", "--group", office.group, "--execute")

    assert len(office.on(office.redrives)) == 2
    assert office.on(office.origin.name) == []


@pytest.mark.parametrize("command", [["redrive"], ["park", "--because", "no use"]])
def test_without_execute_it_only_shows_what_it_would_do(office, command):
    letter = office.give_up()
    topics = office.topics()

    named = office.run(*command, letter)
    by_filter = office.run(*command, "--group", office.group)

    for said in (named, by_filter):
        assert said.code == 0
        assert letter in said.err
        assert "Nothing was done: this was a dry run." in said.err
    assert office.topics() == topics
    assert office.states() == {letter: "open"}


def test_a_filter_redrives_what_it_takes_and_is_open(office):
    wanted = office.give_up(reason="invalid")
    parked = office.give_up(reason="invalid")
    office.give_up(reason="malformed")
    office.run("park", parked, "--because", "no use", "--execute")

    said = office.run("redrive", "--group", office.group, "--reason", "invalid", "--execute")
    repeated = office.run("redrive", "--group", office.group, "--reason", "invalid", "--execute")

    assert (said.code, "1 of 1 redriven." in said.err) == (0, True)
    assert (repeated.code, "No open letters are meant." in repeated.err) == (0, True)
    assert Counter(office.states().values()) == {"redriven": 1, "parked": 1, "open": 1}
    assert office.states()[wanted] == "redriven"
    assert len(office.on(office.redrives)) == 1


def test_a_letter_that_was_redriven_is_refused_when_named_again(office):
    letter, other = office.give_up(), office.give_up()
    office.run("redrive", letter, "--execute", "--by", "ada", "--because", "mended")

    said = office.run("redrive", letter, other, "--execute")

    assert said.code == 1
    assert f"refused {letter}: already redriven at 2" in said.err
    assert "by ada: mended" in said.err
    assert "1 of 1 redriven." in said.err
    assert office.states()[other] == "redriven"
    assert len(office.on(office.redrives)) == 2


def test_a_letter_named_twice_is_redriven_once(office):
    letter = office.give_up()

    office.run("redrive", letter, letter, "--execute")

    assert len(office.on(office.redrives)) == 1


def test_a_parked_letter_is_taken_back_when_named_with_again(office):
    letter = office.give_up()
    office.run("park", letter, "--because", "no use", "--by", "ada", "--execute")

    refused = office.run("redrive", letter, "--execute")
    taken_back = office.run("redrive", letter, "--execute", "--again")

    assert (refused.code, "already parked at" in refused.err) == (1, True)
    assert "by ada: no use" in refused.err
    assert (taken_back.code, office.states()) == (0, {letter: "redriven"})


def test_what_has_failed_too_often_is_refused_unless_forced(office):
    often = office.give_up(attempts=b"3")
    office.give_up(attempts=b"2")
    everything = ("redrive", "--group", office.group, "--execute")

    guarded = office.run(*everything)
    stricter = office.run("redrive", often, "--execute", "--max-attempts", "4")
    office.give_up(attempts=b"12")
    forced = office.run(*everything, "--force")

    assert guarded.code == 1
    assert f"refused {often}: has failed 3 times; the limit is 3." in guarded.err
    assert "1 of 1 redriven." in guarded.err
    assert (stricter.code, forced.code) == (0, 0)
    assert set(office.states().values()) == {"redriven"}


@pytest.mark.parametrize("changed", [{"topic": None}, {"attempts": b"?"}, {"partition": b""}])
def test_a_damaged_letter_is_refused_and_can_be_parked(office, changed):
    damaged = office.give_up(**changed)
    good = office.give_up()

    said = office.run("redrive", "--group", office.group, "--execute", "--force")

    assert said.code == 1
    assert f"refused {damaged}: cannot be redriven: x-dead-letter-" in said.err
    assert office.states() == {damaged: "open", good: "redriven"}
    assert office.run("park", damaged, "--because", "damaged", "--execute").code == 0
    assert office.states()[damaged] == "parked"


def test_parking_needs_a_reason_and_is_noted_once(office):
    letter = office.give_up()

    assert office.run("park", letter, "--execute").code == 2
    assert office.run("park", letter, "--because", " ", "--execute").code == 2
    assert office.states() == {letter: "open"}
    assert office.run("park", letter, "--because", "no use", "--execute").code == 0
    again = office.run("park", letter, "--because", "no use", "--execute")
    assert (again.code, "already parked" in again.err) == (1, True)
    assert office.on(office.redrives) == []


def test_who_did_what_when_and_why_is_noted(office):
    letter = office.give_up(attempts=b"2")

    office.run("redrive", letter, "--execute", "--because", "mended")

    [noted] = office.run("show", letter, "--json").documents["history"]
    assert noted.pop("at") > "2026"
    assert noted == {
        "action": "redriven",
        "by": getuser(),
        "because": "mended",
        "attempts": 2,
    }


def test_nobody_acts_without_a_name(office):
    assert office.run("redrive", office.give_up(), "--execute", "--by", " ").code == 2


@pytest.mark.parametrize("command", [["redrive"], ["park", "--because", "x"]])
def test_everything_is_meant_only_if_it_is_said(office, command):
    letter = office.give_up()

    nothing, both = office.run(*command), office.run(*command, letter, "--all")

    assert (nothing.code, "--all" in nothing.err) == (2, True)
    assert (both.code, "not both" in both.err) == (2, True)


def test_letters_of_several_groups_go_each_to_their_own(office, infra):
    other = Office(infra.kafka_bootstrap_servers)
    letters = [office.give_up(), other.give_up()]

    assert office.run("redrive", *letters, "--execute").code == 0

    assert [len(each.on(each.redrives)) for each in (office, other)] == [1, 1]


def test_letters_of_one_application_come_back_in_their_order(office):
    letters = [office.give_up(str(number).encode(), key=b"one") for number in range(5)]

    office.run("redrive", *reversed(letters), "--execute")

    assert [each.value() for each in office.on(office.redrives)] == [b"0", b"1", b"2", b"3", b"4"]


def test_no_more_are_redriven_in_a_second_than_the_rate_allows(office):
    office.write_many(8)

    started = time.monotonic()
    office.run("redrive", "--group", office.group, "--rate", "5", "--execute")
    elapsed = timedelta(seconds=time.monotonic() - started)

    assert len(office.on(office.redrives)) == 8
    assert elapsed >= timedelta(seconds=7 / 5)


def test_a_rate_of_nothing_is_refused(office):
    assert office.run("redrive", "--all", "--rate", "0").code == 2


@pytest.mark.timeout(120)
def test_killed_in_the_middle_and_started_again_it_redrives_the_rest(office):
    office.write_many(40)
    command = [sys.executable, "-m", "cli.main", "dead-letters", "redrive"]
    command += ["--group", office.group, "--kafka", office.servers, "--rate", "20", "--execute"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:  # noqa: S603 - our own command
        eventually(lambda: len(office.on(office.actions)) >= 5, within_seconds=60)
        os.kill(killed.pid, signal.SIGKILL)
    noted = len(office.on(office.actions))
    done = len(office.on(office.redrives))

    said = office.run("redrive", "--group", office.group, "--rate", "1000", "--execute")

    assert 5 <= noted <= done <= noted + 1 < 40
    assert (said.code, f"{40 - noted} of {40 - noted} redriven." in said.err) == (0, True)
    redriven = Counter(each.key() for each in office.on(office.redrives))
    assert len(redriven) == 40
    assert redriven.total() - 40 == done - noted, "only what was in the gap comes again"
    assert set(office.states().values()) == {"redriven"}
