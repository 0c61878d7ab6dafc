"""The demonstration fails on whatever is missing, double or different."""

import json
from dataclasses import replace

import pytest

from devstack.platform.evidence import Decision, Event, Evidence, Mail, Notification, accepted_ids
from devstack.platform.verdict import Expected, complaints, expected_outcomes

EXPECTED = Expected(1, "eligibility", "eligible", 2_800_000, ("grant-is-ceiling",))
ACCEPTED = {1: "a"}
DECISION = Decision("a", "eligibility", "eligible", 2_800_000, ("grant-is-ceiling",))
TYPES = (
    "ApplicationSubmitted",
    "ContactRegistered",
    "EligibilityDecided",
    "NotificationSent",
    "NotificationSent",
)
RIGHT = Evidence(
    decisions=(DECISION,),
    notifications=(Notification("a", "sent"),) * 2,
    mails=(Mail("a", "<1>"), Mail("a", "<2>")),
    events=tuple(Event("topic", kind, f"{number}", "a") for number, kind in enumerate(TYPES)),
)


def test_there_is_no_complaint_if_everything_is_as_expected():
    assert complaints([EXPECTED], ACCEPTED, RIGHT) == []


def test_an_event_that_was_published_again_is_one_event():
    assert complaints([EXPECTED], ACCEPTED, replace(RIGHT, events=RIGHT.events * 2)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"decisions": ()},
        {"decisions": (DECISION, DECISION)},
        {"decisions": (replace(DECISION, outcome="ineligible"),)},
        {"decisions": (replace(DECISION, grant_cents=2_800_001),)},
        {"decisions": (replace(DECISION, reasons=("grant-is-share",)),)},
        {"decisions": (replace(DECISION, service="recognition"),)},
        {"decisions": (DECISION, replace(DECISION, application_id="stranger"))},
        {"notifications": RIGHT.notifications[:1]},
        {"notifications": (Notification("a", "sent"), Notification("a", "temporary-failure"))},
        {"mails": RIGHT.mails[:1]},
        {"mails": (*RIGHT.mails, Mail("a", "<3>"))},
        {"mails": (*RIGHT.mails, RIGHT.mails[0])},
        {"mails": (*RIGHT.mails, Mail("stranger", "<3>"))},
        {"events": RIGHT.events[1:]},
        {"events": (*RIGHT.events, replace(RIGHT.events[2], id="another"))},
        {"events": (*RIGHT.events, Event("eligibility.dead-letters.v1", "", "", "a"))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_anything_missing_double_or_different_is_reported(change):
    assert complaints([EXPECTED], ACCEPTED, replace(RIGHT, **change))


def test_a_line_that_was_not_accepted_is_reported():
    assert "line 1 was not accepted" in complaints([EXPECTED], {}, RIGHT)


def test_two_lines_that_became_one_application_are_reported():
    second = replace(EXPECTED, line=2)

    reported = complaints([EXPECTED, second], {1: "a", 2: "a"}, RIGHT)

    assert "two lines became the same application" in reported


def test_expected_outcomes_are_read_line_by_line(tmp_path):
    line = {
        "line": 1,
        "service": "eligibility",
        "outcome": "eligible",
        "grant_cents": 2_800_000,
        "reasons": ["grant-is-ceiling"],
    }
    (tmp_path / "expected.ndjson").write_text(json.dumps(line) + "\n")

    assert expected_outcomes(tmp_path / "expected.ndjson") == [EXPECTED]


def test_only_accepted_lines_of_the_receipts_count(tmp_path):
    receipts = tmp_path / "receipts.ndjson"
    receipts.write_text('{"line": 1, "application_id": "a"}\n{"line": 2, "problem": {}}\n')

    assert accepted_ids(receipts) == ACCEPTED
