"""`cppp dead-letters` when something is wrong with what was asked, or with Kafka."""

import pytest

from tests.cli.dead_letters.fixture import Office


@pytest.fixture
def office(infra):
    return Office(infra.kafka_bootstrap_servers)


@pytest.mark.parametrize("command", [["show"], ["redrive"], ["park", "--because", "x"]])
def test_an_unknown_letter_is_told(office, command):
    known = office.give_up()
    unknown = f"{office.group}/0/99"
    named = [unknown] if command == ["show"] else [known, unknown]

    said = office.run(*command, *named)

    assert said.code == 1
    assert f"No such letter: {unknown}." in said.err
    assert office.states() == {known: "open"}


@pytest.mark.parametrize("wrong", ["17", "group/0", "group/0/-1", "group/x/1", "/0/1", "g/0/1/2"])
def test_what_is_no_letter_is_refused(office, wrong):
    said = office.run("show", "--", wrong)

    assert said.code == 2
    assert "GROUP/PARTITION/OFFSET" in said.err


@pytest.mark.parametrize("wrong", ["yesterday", "12", "2026-13-01", "999999w"])
def test_what_is_no_moment_is_refused(office, wrong):
    assert office.run("list", "--since", wrong).code == 2


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["show", "eligibility/0/0"],
        ["redrive", "--all"],
        ["redrive", "eligibility/0/0", "--execute"],
        ["park", "--all", "--because", "x"],
    ],
)
def test_without_kafka_one_line_says_so(office, command, caplog):
    said = office.run(*command, servers="127.0.0.1:1")

    assert said.code == 1
    assert said.err.strip().splitlines() == [
        "error: Kafka at 127.0.0.1:1 cannot be reached. Check the address and start again."
    ]
    assert not caplog.records


def test_an_address_that_is_none_is_refused(office):
    said = office.run("list", servers="nowhere")

    assert said.code == 2
    assert "host:port" in said.err
