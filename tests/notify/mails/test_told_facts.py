"""Every fact of every kind of message is visible, in every language and both parts."""

from typing import get_args

import pytest

from services.notify.mails.labels import CALENDARS, CLOCKS, FOLLOWS, PAYMENTS, STEPS
from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from services.notify.mails.samples import sample_notification
from shared.calendars import Calendar
from shared.events.casework import Step
from shared.events.eligibility import ClockStart, PaymentStage
from shared.events.notify import Template
from tests.factories import REASON, a_notification
from tests.notify.mails.rendered import CONDITION, REASON_SHOWN, REVISED, PageText, shown, text_of

IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
RECEIVED, LAST = (2026, 11, 2), (2026, 12, 7)
EXPIRY, COMPLETION = (2028, 12, 7), (2027, 9, 30)
GRANT, COST = "HK$650,000.00", "HK$1,400,000.00"
SUM, ASKED_FOR = "HK$680,000.00", "Sum asked for"
STREAM = "Application of new technologies"
CATEGORY = "Hong Kong-Guangdong Cleaner Production Partner (Manufacturing)"
RULED = "An officer has considered the application and ruled on it."
NO_MORE = (
    "The application will not be considered further, "
    "and you will receive no further messages about it."
)
PAYMENT = (
    "The Programme Secretariat will deal with the final report and the invoices. "
    "As a rule, the grant is paid after they have been accepted."
)
COMMITTEE = "The committee decides on each case by itself: there is no score and no pass mark."
HONG_KONG = "Working days in Hong Kong"
DUE, ANSWER = (2026, 11, 30), (2026, 11, 16)
# What has to be visible: days as (year, month, day), texts of the catalogues, what has a sentence
# in each language, and everything else as it is.
VISIBLE = {
    "received": [STREAM, RECEIVED, "09:30", ANSWER, HONG_KONG],
    "amended": [
        STREAM,
        RECEIVED,
        "09:31",
        "Version",
        "Decisions on earlier versions no longer apply.",
        ANSWER,
        HONG_KONG,
    ],
    "withdrawn": [
        RECEIVED,
        "09:31",
        NO_MORE,
    ],
    "eligible": [
        STREAM,
        RECEIVED,
        GRANT,
        COST,
        SUM,
        ASKED_FOR,
        "50%",
        "Funding ceiling",
        RULED,
        CONDITION,
        DUE,
        HONG_KONG,
        (2027, 11, 2),
        "The months run from the day of this approval.",
        "Visits by other companies, at least",
        "30%",
        "40%",
    ],
    "ineligible": [STREAM, RECEIVED, REASON_SHOWN, RULED, DUE, HONG_KONG, REVISED],
    "referred": [
        STREAM,
        RECEIVED,
        GRANT,
        COST,
        SUM,
        ASKED_FOR,
        "50%",
        "Indicative grant",
        REASON_SHOWN,
        CONDITION,
        DUE,
        HONG_KONG,
        COMMITTEE,
    ],
    "grant-to-be-set": [
        STREAM,
        COST,
        SUM,
        ASKED_FOR,
        "50%",
        "Eligible cost as lowered by the officer",
        REASON_SHOWN,
        CONDITION,
        DUE,
        HONG_KONG,
    ],
    "project-completed": [
        STREAM,
        COMPLETION,
        PAYMENT,
    ],
    "recognition-qualified": [CATEGORY, RECEIVED, "2026", "Document check", DUE, HONG_KONG],
    "recognition-not-qualified": [
        CATEGORY,
        RECEIVED,
        "2026",
        "Joint assessment committee",
        REASON_SHOWN,
    ],
    "recognition-referred": [CATEGORY, RECEIVED, "2026", REASON_SHOWN, DUE, HONG_KONG],
    "recognition-step": [
        CATEGORY,
        LAST,
        "Public notice for objections",
        "Working days in the Mainland",
        REASON_SHOWN,
    ],
    "label-awarded": [
        CATEGORY,
        (2026, 12, 8),
        EXPIRY,
        "GDHK-2026-000001-68",
        "Anybody can check by the certificate number whether the label is valid.",
    ],
    "label-expired": [CATEGORY, EXPIRY, "GDHK-2026-000001-68"],
}


@pytest.fixture(scope="module")
def letters():
    return Renderer(Enquiries("enquiries@cppp.example"), answer_working_days=10)


@pytest.mark.parametrize("template", get_args(Template))
@IN_EVERY_LANGUAGE
def test_every_fact_is_visible(letters, template, language):
    letter = letters.write(sample_notification(template), "Chan Tai Man", language)

    for part in (letter.text, PageText(letter.html).text):
        for fact in VISIBLE[template]:
            assert shown(fact, language) in part


def test_without_a_ruling_no_officer_is_named(letters):
    for template in ("eligible", "ineligible"):
        assert "officer" not in text_of(letters, template, is_ruling=False)


def test_a_grant_without_known_terms_shows_only_what_is_known(letters):
    unknown = dict.fromkeys(("share_percent", "ceiling_cents", "requested_cents"))
    text = text_of(letters, "eligible", **unknown, conditions=())

    assert f"Eligible cost: {COST}" in text
    assert "Share" not in text
    assert "ceiling" not in text
    assert "asked for" not in text
    assert "Conditions" not in text


def test_a_cost_that_an_officer_lowered_is_called_so(letters):
    text = text_of(letters, "eligible", is_cost_adjusted=True, eligible_cost_cents=90_000_00)

    assert "Eligible cost as lowered by the officer: HK$90,000.00" in text


def test_a_refusal_before_the_steps_names_the_prerequisites(letters):
    text = text_of(letters, "recognition-not-qualified", step=None)

    assert "does not meet the prerequisites" in text
    assert "Step" not in text


def test_a_notice_whose_end_is_not_known_says_so_and_names_no_day(letters):
    text = text_of(letters, "recognition-step", notice_ends_on=None)

    assert "not known yet" in text
    assert "Objections may be raised until" not in text
    assert "None" not in text


@pytest.mark.parametrize("next_step", [*STEPS, None])
@IN_EVERY_LANGUAGE
def test_a_step_that_was_passed_says_what_follows(letters, next_step, language):
    passed = {"step": "document-check", "next_step": next_step, "reasons": (REASON,)}
    passed |= {"notice_ends_on": None, "notice_calendar": None}
    notification = a_notification("recognition-step", details=passed)

    text = letters.write(notification, "x", language).text

    follows = FOLLOWS[next_step] if next_step else "All steps of the assessment have been passed."
    assert f"- {shown(follows, language)}\n" in text
    assert "None" not in text


def test_steps_and_calendars_all_have_their_names():
    assert {*STEPS, "funding"} == set(get_args(Step))
    assert FOLLOWS.keys() == STEPS.keys()
    assert CALENDARS.keys() == set(get_args(Calendar))
    assert CLOCKS.keys() == set(get_args(ClockStart))
    assert PAYMENTS.keys() == set(get_args(PaymentStage))
