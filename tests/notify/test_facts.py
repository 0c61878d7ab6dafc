"""Which message each kind of fact leads to, and under which id."""

from datetime import date, timedelta

import pytest

from services.notify.facts import message_about
from services.notify.rules import notification_about
from shared.events.eligibility import Outlook
from tests.factories import (
    NOW,
    REASON,
    amended,
    eligibility_decided,
    label_awarded,
    label_expired,
    project_completed,
    recognition_decided,
    withdrawn,
)

ID = "00000000-0000-0000-0000-000000000001"
CONDITION = type(REASON)("open-to-visitors", "S24", "Open it.", "開放。", "开放。")


def ids_of(*facts):
    return [notification_about(each, NOW).id.removeprefix(f"{ID}:") for each in facts]


def a_reason(code):
    return type(REASON)(code, "casework", code, code, code)


@pytest.mark.parametrize(
    ("fact", "template", "notification_id"),
    [
        (amended(ID, 3), "amended", "amended:3"),
        (withdrawn(ID, 4), "withdrawn", "withdrawn:4"),
        (project_completed(ID), "project-completed", "completed:0:2027-09-30"),
        (label_awarded(ID), "label-awarded", "label-awarded:1"),
        (label_expired(ID), "label-expired", "label-expired:1"),
    ],
)
def test_every_other_kind_of_fact_has_a_message_of_its_own(fact, template, notification_id):
    assert message_about(fact).template == template
    assert ids_of(fact) == [notification_id]


def test_a_new_version_is_told_with_the_day_of_the_first_receipt():
    notification = notification_about(amended(ID), NOW + timedelta(days=3))

    assert (notification.version, notification.details.applied_for) == (2, "assessment")
    assert notification.details.received_at == NOW
    assert notification.occurred_at == NOW + timedelta(days=3)


def test_a_withdrawal_is_told_with_its_moment_in_milliseconds():
    fact = withdrawn(ID).model_copy(update={"withdrawn_at": NOW + timedelta(microseconds=1_999)})

    assert message_about(fact).details.withdrawn_at == NOW + timedelta(milliseconds=1)


def test_a_decision_is_told_with_how_the_grant_was_worked_out_and_what_it_is_tied_to():
    details = message_about(eligibility_decided(conditions=(CONDITION,))).details

    assert (details.eligible_cost_cents, details.share_percent) == (140_000_000, 50)
    assert (details.ceiling_cents, details.requested_cents) == (65_000_000, None)
    assert details.conditions == (CONDITION,)
    assert not details.is_ruling
    assert not details.is_cost_adjusted


def test_a_decision_is_told_with_the_sum_asked_for():
    details = message_about(eligibility_decided(requested_cents=68_000_000)).details

    assert details.requested_cents == 68_000_000


def test_a_ruling_is_told_as_one_with_the_cost_that_it_lowered():
    reasons = (a_reason("approved-by-officer"), a_reason("cost-adjusted"))

    details = message_about(eligibility_decided(ruling_id="R-1", reasons=reasons)).details

    assert details.is_ruling
    assert details.is_cost_adjusted


def test_an_approval_without_an_amount_is_not_told_as_an_open_case():
    reasons = (a_reason("approved-by-officer"), a_reason("amount-not-ruled"))
    approved = eligibility_decided(outcome="referred", ruling_id="R-1", reasons=reasons)

    assert message_about(approved).template == "grant-to-be-set"
    assert message_about(eligibility_decided(outcome="referred")).template == "referred"


def test_a_decision_is_told_with_what_comes_next_and_by_when():
    outlook = Outlook(
        step="agreement",
        working_days=20,
        calendar="hong-kong",
        last_day=date(2026, 11, 30),
        months_at_most=12,
        clock_starts="approval",
        finish_by=date(2027, 11, 2),
        visits_at_least=2,
        payment_percent={"final-report": 100},
    )

    details = message_about(eligibility_decided(outlook=outlook)).details

    assert (details.due_working_days, details.due_calendar) == (20, "hong-kong")
    assert (details.due_by, details.finish_by) == (date(2026, 11, 30), date(2027, 11, 2))
    assert (details.months_at_most, details.clock_starts) == (12, "approval")
    assert (details.visits_at_least, details.payment_percent) == (2, {"final-report": 100})
    assert details.is_review_offered is None


@pytest.mark.parametrize(
    ("outlook", "offered"),
    [(Outlook(step="review-request"), True), (Outlook(), False), (None, None)],
)
def test_a_refusal_is_told_with_whether_a_review_is_offered(outlook, offered):
    refused = eligibility_decided(outcome="ineligible", outlook=outlook)

    assert message_about(refused).details.is_review_offered is offered


def test_a_candidacy_is_told_with_the_day_of_its_next_step():
    fact = recognition_decided(
        "qualified",
        next_step="document-check",
        next_step_working_days=20,
        next_step_calendar="hong-kong",
        next_step_by=date(2026, 11, 30),
    )

    details = message_about(fact).details

    assert (details.due_working_days, details.due_by) == (20, date(2026, 11, 30))
    assert details.due_calendar == "hong-kong"


def test_a_step_that_was_passed_is_told_with_what_comes_next():
    fact = recognition_decided("qualified", step="document-check", next_step="on-site-assessment")

    message = message_about(fact)

    assert message.template == "recognition-step"
    assert (message.details.step, message.details.next_step) == (
        "document-check",
        "on-site-assessment",
    )


def test_a_notice_is_told_with_its_last_day_and_calendar():
    fact = recognition_decided(
        "qualified",
        step="notice-period",
        notice_ends_on=date(2026, 12, 7),
        notice_calendar="mainland",
    )

    details = message_about(fact).details

    assert (details.notice_ends_on, details.notice_calendar) == (date(2026, 12, 7), "mainland")


def test_a_refusal_in_a_step_names_the_step():
    message = message_about(recognition_decided("not-qualified", step="joint-committee"))

    assert (message.template, message.details.step) == (
        "recognition-not-qualified",
        "joint-committee",
    )
    assert message.details.reasons == (REASON,)


def test_each_step_outcome_version_and_end_of_a_notice_is_a_message_of_its_own():
    notice = {"step": "notice-period", "notice_calendar": "mainland"}
    facts = [
        recognition_decided("qualified"),
        recognition_decided("qualified", version=2),
        recognition_decided("qualified", step="document-check"),
        recognition_decided("qualified", step="document-check", version=2),
        recognition_decided("qualified", step="joint-committee"),
        recognition_decided("not-qualified", step="joint-committee"),
        recognition_decided("qualified", **notice),
        recognition_decided("qualified", **notice, notice_ends_on=date(2026, 12, 7)),
        recognition_decided("qualified", **notice, notice_ends_on=date(2026, 12, 9)),
        recognition_decided("not-qualified", step="notice-period"),
        recognition_decided("referred", **notice),
        recognition_decided("referred", **notice, objection_id="O-1"),
        recognition_decided("referred", **notice, objection_id="O-2"),
        recognition_decided("qualified", **notice, objection_id="O-1"),
    ]

    assert len(set(ids_of(*facts))) == len(facts)


def test_two_rulings_on_one_version_are_two_messages_and_a_repeat_is_the_same():
    first, second = (eligibility_decided(ruling_id=each) for each in ("R-1", "R-2"))

    assert ids_of(first, second, first) == [
        "eligibility:1:R-1",
        "eligibility:1:R-2",
        "eligibility:1:R-1",
    ]


def test_a_completion_that_is_corrected_is_told_again():
    corrected = project_completed(ID, completed_on=date(2027, 10, 1))

    assert ids_of(corrected) != ids_of(project_completed(ID))


def test_what_is_no_fact_is_refused():
    with pytest.raises(TypeError, match="str"):
        message_about("nonsense")
