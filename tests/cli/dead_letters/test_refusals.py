"""`cppp dead-letters` when something is wrong with what was asked, or with Kafka."""

import pytest

from tests.dead_letters import DeadLetterFixture


@pytest.fixture
def fixture(infra):
    return DeadLetterFixture(infra.kafka_bootstrap_servers)


@pytest.mark.parametrize("command", [["show"], ["redrive"], ["park", "--because", "x"]])
def test_an_unknown_letter_is_reported(fixture, command):
    known = fixture.dead_letter()
    unknown = f"{fixture.group}/0/99"
    named = [unknown] if command == ["show"] else [known, unknown]

    said = fixture.run(*command, *named)

    assert said.code == 1
    assert f"No such letter: {unknown}." in said.err
    assert fixture.states() == {known: "open"}


@pytest.mark.parametrize("wrong", ["17", "group/0", "group/0/-1", "group/x/1", "/0/1", "g/0/1/2"])
def test_an_invalid_letter_id_is_refused(fixture, wrong):
    said = fixture.run("show", "--", wrong)

    assert said.code == 2
    assert "GROUP/PARTITION/OFFSET" in said.err


@pytest.mark.parametrize("wrong", ["yesterday", "12", "2026-13-01", "999999w"])
def test_an_invalid_time_is_refused(fixture, wrong):
    assert fixture.run("list", "--since", wrong).code == 2


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
def test_without_kafka_one_line_says_so(fixture, command, caplog):
    said = fixture.run(*command, servers="127.0.0.1:1")

    assert said.code == 1
    assert said.err.strip().splitlines() == [
        "error: Kafka at 127.0.0.1:1 cannot be reached. Check the address and start again."
    ]
    assert not caplog.records


def test_an_address_that_is_none_is_refused(fixture):
    said = fixture.run("list", servers="nowhere")

    assert said.code == 2
    assert "host:port" in said.err
