"""What happens next and by when, in every kind of message that has something to say about it."""

from dataclasses import replace
from datetime import date

import pytest

from services.notify.mails.labels import PAYMENTS
from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from tests.factories import a_notification
from tests.notify.mails.rendered import REVISED, shown, text_of

IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
NO_DAY = {"due_by": None}
NOTHING_DUE = {"due_by": None, "due_working_days": None, "due_calendar": None}


@pytest.fixture(scope="module")
def letters():
    return Renderer(Enquiries("enquiries@cppp.example"), answer_working_days=10)


@pytest.mark.parametrize(
    ("template", "details", "sentence"),
    [
        ("referred", {}, "The decision can be expected by 30 November 2026."),
        ("referred", NO_DAY, "The decision can be expected within 20 working day(s)."),
        ("grant-to-be-set", {}, "The decision can be expected by 30 November 2026."),
        ("eligible", {}, "That letter can be expected by 30 November 2026."),
        ("eligible", NO_DAY, "That letter can be expected within 20 working day(s)."),
        ("ineligible", {}, "request a review of this decision once, by 30 November 2026"),
        ("ineligible", NO_DAY, "review of this decision once, within 20 working day(s)"),
        ("recognition-qualified", {}, "step can be expected by 30 November 2026."),
        ("recognition-referred", NO_DAY, "decision can be expected within 20 working day(s)."),
    ],
)
def test_what_comes_next_is_told_with_its_day_or_at_least_its_working_days(
    letters, template, details, sentence
):
    text = text_of(letters, template, **details)

    assert sentence in text
    assert "Counted by: Working days in Hong Kong" in text
    assert "None" not in text


@pytest.mark.parametrize(
    "template",
    [
        "referred",
        "grant-to-be-set",
        "eligible",
        "recognition-qualified",
        "recognition-referred",
        "recognition-step",
    ],
)
def test_a_step_whose_time_is_not_set_is_told_without_one(letters, template):
    text = text_of(letters, template, **NOTHING_DUE, notice_calendar=None)

    assert "can be expected" not in text
    assert "Counted by" not in text
    assert "None" not in text


def test_a_passed_step_says_by_when_the_next_is_settled(letters):
    passed = {"step": "document-check", "next_step": "on-site-assessment", "notice_calendar": None}
    due = {"due_by": date(2026, 12, 7), "due_working_days": 9, "due_calendar": "hong-kong"}

    text = text_of(letters, "recognition-step", **passed, **due)

    assert "The outcome of that step can be expected by 7 December 2026." in text
    assert "Counted by: Working days in Hong Kong" in text


def test_a_refusal_says_that_no_review_is_offered_or_nothing_where_it_is_not_known(letters):
    refused = text_of(letters, "ineligible", **NOTHING_DUE, is_review_offered=False)
    unknown = text_of(letters, "ineligible", **NOTHING_DUE, is_review_offered=None)

    assert "- A review of this decision cannot be requested.\n" in refused
    assert "review" not in unknown
    assert REVISED in refused
    assert REVISED in unknown


@IN_EVERY_LANGUAGE
def test_the_stages_of_payment_are_told_in_their_order(letters, language):
    percent = {"final-report": 70, "agreement": 30}
    notification = a_notification("eligible", details={"payment_percent": percent})

    text = letters.write(notification, "x", language).text

    first, last = (
        shown(PAYMENTS[stage], language) % {"share": f"{percent[stage]}%"}
        for stage in ("agreement", "final-report")
    )
    assert f"- {first}\n- {last}\n" in text


def test_a_period_that_runs_from_the_agreement_has_no_last_day_yet(letters):
    text = text_of(letters, "eligible", clock_starts="agreement", finish_by=None)

    assert "Project to finish within: 12 months" in text
    assert "The months run from the day of the funding agreement." in text
    assert "Project to finish by" not in text


def test_a_grant_without_a_period_a_schedule_or_visits_speaks_of_none(letters):
    nothing = {"months_at_most": None, "clock_starts": None, "finish_by": None}

    text = text_of(letters, "eligible", **nothing, visits_at_least=None, payment_percent=None)

    for each in ("Period of the project", "to finish", "Payment of the grant", "Visits"):
        assert each not in text


def test_a_receipt_beyond_the_calendars_data_is_told_without_a_day(letters):
    received = a_notification("received")
    far = replace(received, occurred_at=received.occurred_at.replace(year=2190))

    text = letters.write(far, "x", "en").text

    assert "within 10 working day(s)" in text
    assert "at the latest" not in text


def test_a_receipt_says_no_day_where_none_is_set():
    text = text_of(Renderer(Enquiries("enquiries@cppp.example")), "received")

    assert "You will be informed of the outcome by e-mail." in text
    assert "Counted by" not in text
