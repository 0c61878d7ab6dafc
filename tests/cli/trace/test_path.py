"""The steps of an application in order, what each waited for, and what is still to come."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from cli.trace.display import duration
from cli.trace.path import path_of
from cli.trace.step import Step, step_of
from services.notify.rules import notification_about
from shared.events.casework import CaseRuled
from shared.events.intake import CONTACTS
from shared.events.notify import NotificationSent
from tests.factories import (
    NOW,
    a_contact_event,
    a_record,
    a_submission,
    eligibility_decided,
    raw_record,
    recognition_decided,
)

ID = str(uuid4())
APPLICATIONS = "intake.applications.v1"
ELIGIBILITY = "eligibility.decisions.v1"
RECOGNITION = "recognition.decisions.v1"
RULINGS = "casework.rulings.v1"
NOTIFICATIONS = "notify.notifications.v1"


def after(seconds: float):
    return NOW + timedelta(seconds=seconds)


def step(data, topic: str, seconds: float = 0, offset: int = 0) -> Step:
    return step_of(a_record(data, topic=topic, offset=offset, time=after(seconds)))


def mail_about(fact) -> NotificationSent:
    notification = notification_about(fact, NOW)
    return NotificationSent(
        application_id=ID,
        notification_id=notification.fact_id,
        template=notification.template,
        language="en",
        message_id="<1@example.org>",
        sent_at=NOW,
    )


def waits(*steps: Step) -> dict[str, float | None]:
    path = path_of(steps, {}, {})
    return {
        each.step.what: None if each.waited is None else each.waited.total_seconds()
        for each in path.steps
    }


SUBMISSION = a_submission("new-technology", application_id=ID)
DECISION = eligibility_decided(application_id=ID)


def test_a_decision_waits_since_the_submission_and_a_mail_since_the_decision():
    found = waits(
        step(mail_about(DECISION), NOTIFICATIONS, 3.5),
        step(DECISION, ELIGIBILITY, 2),
        step(SUBMISSION, APPLICATIONS),
    )

    assert found == {
        "ApplicationSubmitted": None,
        "EligibilityDecided": 2.0,
        "NotificationSent": 1.5,
    }


def test_a_decision_on_a_ruling_waits_since_that_ruling():
    ruling = CaseRuled(
        application_id=ID,
        version=1,
        ruling_id="R-1",
        step="funding",
        ruling="approved",
        ruled_at=NOW,
    )
    on_it = eligibility_decided(application_id=ID, ruling_id="R-1")

    found = waits(
        step(SUBMISSION, APPLICATIONS),
        step(ruling, RULINGS, 1_000),
        step(on_it, ELIGIBILITY, 1_001),
    )

    assert found["EligibilityDecided"] == 1.0


def test_a_step_towards_a_label_waits_since_the_ruling_on_that_step():
    ruling = CaseRuled(
        application_id=ID,
        version=1,
        ruling_id="R-2",
        step="document-check",
        ruling="approved",
        ruled_at=NOW,
    )
    passed = recognition_decided("qualified", application_id=ID, step="document-check")

    found = waits(step(ruling, RULINGS, 50), step(passed, RECOGNITION, 53))

    assert found["RecognitionDecided"] == 3.0


def test_a_repeated_record_is_one_step_that_was_published_twice():
    once = step(SUBMISSION, APPLICATIONS)

    [found] = path_of([once, replace(once, offset=7)], {}, {}).steps

    assert (found.step.offset, found.publications) == (0, 2)


@pytest.mark.parametrize(("committed", "before"), [({}, 5), ({("eligibility", 2): 5}, 0)])
def test_what_a_group_has_not_handled_is_named_with_the_records_before_it(committed, before):
    submitted = replace(step(SUBMISSION, APPLICATIONS, offset=5), partition=2)
    offsets = {(group, APPLICATIONS, part): at for (group, part), at in committed.items()}

    [found] = path_of([submitted], {APPLICATIONS: ["eligibility"]}, offsets).unread

    assert (found.group, found.step, found.before) == ("eligibility", submitted, before)


def test_a_fact_that_notify_has_handled_is_unmailed_until_its_mail_is_sent():
    submitted = step(SUBMISSION, APPLICATIONS, offset=5)
    readers, handled = {APPLICATIONS: ["notify"]}, {("notify", APPLICATIONS, 0): 6}
    sent = step(mail_about(SUBMISSION), NOTIFICATIONS, 1)

    assert path_of([submitted], readers, handled).unmailed == [submitted]
    assert path_of([submitted], readers, {}).unmailed == []
    assert path_of([submitted, sent], readers, handled).unmailed == []


def test_no_personal_data_of_a_contact_is_shown():
    contact = a_contact_event(ID)

    found = step(contact, CONTACTS.name)

    assert found.details == "version 1"
    assert contact.contact.name not in repr(found)
    assert contact.contact.email not in repr(found)


def test_the_erasure_of_a_contact_is_a_step():
    assert step_of(raw_record(None, topic=CONTACTS.name)).what == "contact erased"


@pytest.mark.parametrize(
    "value", [b"", b"not json", b"[]", b'{"version": "x", "application": 1}', b"\xff"]
)
def test_a_record_that_is_no_event_is_shown_as_far_as_it_can_be(value):
    found = step_of(raw_record(value, [("ce_type", b"Applica\xfftion\n")], offset=3))

    assert found.what == "Applica\\xfftion\\n"
    assert found.where == "intake.applications.v1/0@3"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.000 s"),
        (59.9994, "59.999 s"),
        (61, "1 min 1 s"),
        (7_500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds, text):
    assert duration(timedelta(seconds=seconds)) == text
