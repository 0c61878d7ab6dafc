"""`cppp dead-letters list` and `show` on a real Kafka: what is shown, and what never is."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.dead_letters import ODD, DeadLetterFixture
from tests.factories import NOW

SECRET = b'{"email": "chan@example.com"}'


@pytest.fixture
def fixture(infra):
    return DeadLetterFixture(infra.kafka_bootstrap_servers)


def test_letters_are_counted_by_reason_error_and_topic(fixture):
    fixture.dead_letter(age=timedelta(hours=2), attempts=b"2")
    fixture.dead_letter()
    example = fixture.dead_letter(reason="invalid")

    invalid, malformed = fixture.listed()

    assert malformed == {
        "group": fixture.group,
        "reason": "malformed",
        "error": "no header ce_type",
        "topic": fixture.origin.name,
        "open": 2,
        "redriven": 0,
        "parked": 0,
        "attempts": [1, 2],
        "oldest": "2026-11-01T23:30:00Z",
        "newest": "2026-11-02T01:30:00Z",
        "example": malformed["example"],
    }
    assert (invalid["reason"], invalid["open"], invalid["example"]) == ("invalid", 1, example)


def test_all_groups_are_found_by_their_topics(fixture, infra):
    other = DeadLetterFixture(infra.kafka_bootstrap_servers)
    fixture.dead_letter()
    other.dead_letter()

    groups = {each["group"] for each in fixture.run("list", "--json").documents}

    assert {fixture.group, other.group} <= groups


def test_a_list_never_shows_a_payload_nor_a_key_that_is_no_application(fixture):
    application = str(uuid4())
    fixture.dead_letter(SECRET, key=application.encode())
    fixture.dead_letter(SECRET, key=b"chan@example.com")

    said = [
        fixture.run("list", "--group", fixture.group, *options).out
        for options in ([], ["--json"], ["--letters"], ["--letters", "--json"])
    ]

    assert not [each for each in said if "chan" in each]
    assert application in said[2]
    ids = {each["application_id"] for each in fixture.listed("--letters")}
    assert ids == {application, None}


def test_each_letter_is_listed_with_its_id(fixture):
    given_up = fixture.dead_letter(b"12345")

    [letter] = fixture.listed("--letters")

    assert letter == {
        "id": given_up,
        "state": "open",
        "reason": "malformed",
        "error": "no header ce_type",
        "topic": fixture.origin.name,
        "attempts": 1,
        "time": "2026-11-02T01:30:00Z",
        "application_id": None,
        "value_bytes": 5,
        "damage": None,
    }


@pytest.mark.parametrize(
    "options",
    [
        ["--reason", "invalid"],
        ["--attempts", "2"],
        ["--key", "this"],
        ["--since", "2026-11-02T09:00"],
        ["--since", "2026-11-02T01:00Z"],
    ],
)
def test_a_filter_matches_by_each_of_its_criteria(fixture, options):
    wanted = fixture.dead_letter(key=b"this", reason="invalid", attempts=b"2")
    fixture.dead_letter(age=timedelta(hours=1))

    assert [each["id"] for each in fixture.listed("--letters", *options)] == [wanted]


def test_filters_hold_together(fixture):
    fixture.dead_letter(key=b"this", reason="invalid")

    assert fixture.listed("--letters", "--reason", "invalid", "--key", "other") == []
    assert fixture.listed("--topic", "another.topic.v1") == []
    assert fixture.listed("--state", "parked") == []
    assert len(fixture.listed("--state", "open", "--topic", fixture.origin.name)) == 1


def test_a_letter_is_shown_with_all_its_headers_and_without_its_value(fixture):
    letter = fixture.dead_letter(SECRET, ODD)

    said = fixture.run("show", letter)

    assert said.code == 0
    for text in ("ce_type", r"\xff\x00", "empty", "again", "x-dead-letter-offset", "29 bytes"):
        assert text in said.out
    assert "chan" not in said.out
    assert "the letter is open" in said.out


def test_a_value_is_shown_on_demand_with_a_warning(fixture):
    letter = fixture.dead_letter(SECRET + b"\xff")

    said = fixture.run("show", letter, "--value")

    assert r'{"email": "chan@example.com"}\xff' in said.out
    assert "personal data" in said.err


def test_a_letter_is_shown_to_programs_with_its_history(fixture):
    letter = fixture.dead_letter(SECRET, key=b"this")
    fixture.run("redrive", letter, "--execute", "--by", "ada", "--because", "mended")
    fixture.run("redrive", letter, "--execute", "--again", "--by", "bob")

    shown = fixture.run("show", letter, "--json").documents

    assert (shown["state"], shown["key"], shown["value"]) == ("redriven", "this", None)
    assert [(each["by"], each["because"]) for each in shown["history"]] == [
        ("ada", "mended"),
        ("bob", ""),
    ]
    assert ["ce_type", "ApplicationSubmitted"] in shown["headers"]
    assert "redriven at" in fixture.run("show", letter).out
    assert fixture.run("show", letter, "--json", "--value").documents["value"] == SECRET.decode()


@pytest.mark.parametrize(
    ("changed", "damage"),
    [
        ({"topic": None}, "x-dead-letter-topic is missing"),
        ({"topic": b"\xff"}, "x-dead-letter-topic is unreadable"),
        ({"topic": b""}, "x-dead-letter-topic is unreadable"),
        ({"attempts": b"many"}, "x-dead-letter-attempts is unreadable"),
        ({"offset": b"-1"}, "x-dead-letter-offset is unreadable"),
        ({"time": b"\xff"}, None),
    ],
)
def test_damaged_headers_are_reported_and_hide_nothing(fixture, changed, damage):
    letter = fixture.dead_letter(**changed)

    [listed] = fixture.listed("--letters")

    assert (listed["id"], listed["damage"]) == (letter, damage)
    assert fixture.run("show", letter).code == 0
    assert len(fixture.listed()) == 1


def test_a_record_without_any_header_is_a_letter_too(fixture):
    letter = fixture.write(None, [], None)

    [listed] = fixture.listed("--letters")

    assert (listed["id"], listed["reason"], listed["topic"]) == (letter, "unknown", "unknown")
    assert "it has neither key nor value" in listed["damage"]
    assert listed["time"] > f"{NOW:%Y}"


def test_of_two_headers_of_a_name_the_last_one_is_ours(fixture):
    letter = fixture.dead_letter(headers=[("x-dead-letter-topic", b"another"), ("ce_type", b"x")])

    [listed] = fixture.listed("--letters")

    assert (listed["id"], listed["topic"]) == (letter, fixture.origin.name)


def test_unreadable_journal_records_are_counted_and_ignored(fixture):
    letter = fixture.dead_letter()
    fixture.run("park", letter, "--because", "test", "--execute")
    for key, value in ((b"0:0", b"{"), (b"?", b"{}"), (None, b"x"), (b"0:0", None)):
        fixture.client.write(fixture.actions, value, key=key)

    said = fixture.run("list", "--group", fixture.group)

    assert "4 journal records" in said.err
    assert fixture.states() == {letter: "parked"}


def test_without_letters_it_says_so(fixture):
    said = fixture.run("list", "--group", fixture.group)

    assert (said.code, said.out.strip()) == (0, "No dead letters.")


@pytest.mark.parametrize(
    "command", [["list"], ["redrive", "--execute"], ["park", "--because", "x"]]
)
def test_an_unknown_group_is_reported_with_the_known_ones(fixture, command):
    said = fixture.run(*command, "--group", "nobody")

    assert said.code == 1
    assert "'nobody' has no topic of dead letters" in said.err
    assert fixture.group in said.err
