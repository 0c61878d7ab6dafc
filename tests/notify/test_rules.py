"""The notification about a fact, and the outcome of a failure."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.model import Deferred, Failed, Lifecycle, Rejection
from services.notify.rules import (
    GAVE_UP,
    SUPERSEDED,
    WITHDRAWN,
    RetrySchedule,
    after_rejection,
    notification_about,
    stop_reason,
)
from shared.events.notify import Template
from tests.factories import (
    NOW,
    REASON,
    a_notification,
    a_submission,
    eligibility_decided,
    recognition_decided,
)

SCHEDULE = RetrySchedule(first_seconds=60, longest_seconds=14_400, give_up_seconds=345_600)
BUSY = Rejection("smtp-451")


def test_a_submission_is_told_with_what_was_applied_for():
    submitted = a_submission("demonstration")

    notification = notification_about(submitted, NOW, "trace")

    assert notification.template == "received"
    assert notification.details.applied_for == "demonstration"
    assert notification.id == f"{submitted.application_id}:received:1"
    assert (notification.occurred_at, notification.traceparent) == (NOW, "trace")


def test_a_candidacy_is_told_with_its_category():
    notification = notification_about(a_submission("recognition"), NOW)

    assert notification.details.applied_for == "partner-manufacturing"


@pytest.mark.parametrize("outcome", ["eligible", "ineligible", "referred"])
def test_every_outcome_for_funding_has_its_message_with_all_facts(outcome):
    notification = notification_about(eligibility_decided(outcome=outcome), NOW)

    assert notification.template == outcome
    assert notification.id.endswith(":eligibility:1")
    assert (notification.details.phase, notification.details.grant_cents) == ("5", 65_000_000)
    assert notification.details.reasons == (REASON,)


@pytest.mark.parametrize("outcome", ["qualified", "not-qualified", "referred"])
def test_every_outcome_for_recognition_has_its_message(outcome):
    notification = notification_about(recognition_decided(outcome), NOW)

    assert notification.template == f"recognition-{outcome}"
    assert notification.id.endswith(":recognition:1")
    assert notification.details.round_year == 2026


def test_a_decision_by_a_ruling_is_told_beside_the_one_it_was_made_on():
    decided = eligibility_decided(outcome="referred")
    ruled = eligibility_decided(outcome="eligible", ruling_id="R-1")

    first, second = (notification_about(each, NOW) for each in (decided, ruled))

    assert second.id == f"{first.id}:R-1"
    assert second.template == "eligible"


def test_two_versions_of_a_decision_are_two_messages_and_a_repeat_is_none():
    first, second = (notification_about(eligibility_decided(version=each), NOW) for each in (1, 2))

    assert first.id != second.id
    assert first == notification_about(eligibility_decided(), NOW)


ABOUT_EVERYTHING = [a_notification(template) for template in get_args(Template)]
DECISIONS = [each for each in ABOUT_EVERYTHING if each.about in {"eligibility", "recognition"}]
STAYING = [each for each in ABOUT_EVERYTHING if each not in DECISIONS]


@pytest.mark.parametrize("notification", ABOUT_EVERYTHING, ids=lambda each: each.template)
def test_a_withdrawal_stops_every_message_but_its_own(notification):
    reason = stop_reason(notification, Lifecycle(2, is_withdrawn=True))

    assert reason == (None if notification.template == "withdrawn" else WITHDRAWN)


@pytest.mark.parametrize("notification", DECISIONS, ids=lambda each: each.template)
def test_a_decision_is_stopped_by_a_newer_version_and_by_no_other(notification):
    by_version = {
        each: stop_reason(replace(notification, version=2), Lifecycle(each, is_withdrawn=False))
        for each in (1, 2, 3)
    }

    assert by_version == {1: None, 2: None, 3: SUPERSEDED}


@pytest.mark.parametrize("notification", STAYING, ids=lambda each: each.template)
def test_receipts_labels_and_completions_are_told_whatever_version_follows(notification):
    assert stop_reason(notification, Lifecycle(9, is_withdrawn=False)) is None


def test_moments_are_told_in_the_milliseconds_that_the_database_keeps():
    exact = NOW + timedelta(microseconds=123_456)

    notification = notification_about(eligibility_decided(decided_at=exact, received_at=exact), NOW)

    assert notification.details.decided_at == notification.details.received_at
    assert notification.details.decided_at == NOW + timedelta(milliseconds=123)


def test_a_final_refusal_ends_a_message_at_once():
    rejection = Rejection("mailbox-unavailable", "mailbox")

    assert after_rejection(a_notification(), rejection, NOW, SCHEDULE) == Failed(
        "mailbox-unavailable", NOW
    )


def test_a_refusal_of_us_never_counts_against_a_message():
    rejection = Rejection("refused-by-server", "server")
    failing = replace(a_notification(), attempts=20, failing_since=NOW - timedelta(days=400))

    assert after_rejection(failing, rejection, NOW, SCHEDULE) == Deferred(
        "refused-by-server", 0, None, NOW + timedelta(seconds=60)
    )


def test_a_refusal_of_us_by_one_domain_is_given_up_under_its_own_name():
    rejection = Rejection("refused-by-domain", "domain")
    failing = replace(a_notification(), attempts=20, failing_since=NOW - timedelta(days=4))

    assert after_rejection(failing, rejection, NOW, SCHEDULE) == Failed("refused-by-domain", NOW)


def test_the_first_failure_is_tried_again_after_the_first_wait():
    outcome = after_rejection(a_notification(), BUSY, NOW, SCHEDULE)

    assert outcome == Deferred("smtp-451", 1, NOW, NOW + timedelta(seconds=60))


def test_waits_double_up_to_the_longest():
    waits = [SCHEDULE.wait_seconds(failures) for failures in (1, 2, 3, 8, 9, 1000)]

    assert waits == [60, 120, 240, 7_680, 14_400, 14_400]


def test_a_message_is_given_up_when_its_next_attempt_would_come_too_late():
    failing = replace(a_notification(), attempts=20, failing_since=NOW - timedelta(days=4))

    assert after_rejection(failing, BUSY, NOW, SCHEDULE) == Failed(GAVE_UP, NOW)


@given(st.integers(0, 10_000), st.integers(0, 400_000))
def test_a_failing_message_is_tried_later_or_given_up_and_never_tried_at_once(failures, age):
    since = NOW - timedelta(seconds=age)
    failing = replace(a_notification(), attempts=failures, failing_since=since)

    outcome = after_rejection(failing, BUSY, NOW, SCHEDULE)

    match outcome:
        case Deferred(_, attempts, failing_since, until):
            assert (attempts, failing_since) == (failures + 1, since)
            assert NOW < until <= since + timedelta(seconds=SCHEDULE.give_up_seconds)
        case Failed(reason, _):
            assert reason == GAVE_UP
