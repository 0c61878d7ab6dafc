"""Facts about one application, from its submission to its last notification."""

from uuid import uuid4

from services.notify.rules import notification_about
from shared.events.notify import NotificationFailed, NotificationSent
from tests.factories import (
    NOW,
    a_submission,
    amended,
    eligibility_decided,
    label_awarded,
    label_expired,
    recognition_decided,
    withdrawn,
)


def an_id() -> str:
    return str(uuid4())


def decisions(application_id: str):
    """Build one fact of every kind that needs a notification."""
    return [
        eligibility_decided(application_id=application_id),
        eligibility_decided(application_id=application_id, ruling_id="R-1"),
        recognition_decided("qualified", application_id=application_id, version=2),
        recognition_decided("qualified", application_id=application_id, step="document-check"),
        recognition_decided(
            "qualified",
            application_id=application_id,
            step="notice-period",
            notice_ends_on="2026-12-01",
        ),
        *(
            recognition_decided(
                outcome,
                application_id=application_id,
                step="notice-period",
                notice_ends_on="2026-12-01",
                objection_id=objection_id,
            )
            for outcome, objection_id in (("referred", None), ("referred", "O"), ("qualified", "O"))
        ),
        label_awarded(application_id),
        label_expired(application_id),
        withdrawn(application_id),
    ]


def notified(fact, *, failed: bool = False, template=None):
    """Build the event that `notify` publishes about its message on a fact."""
    notification = notification_about(fact, NOW)
    common = {
        "application_id": fact.application_id,
        "notification_id": notification.id,
        "template": template or notification.template,
    }
    if failed:
        return NotificationFailed(**common, reason="version-superseded", failed_at=NOW)
    return NotificationSent(**common, language="en", message_id="<1@cppp.example>", sent_at=NOW)


def a_resent_case():
    """Build a case whose notification failed, and arrived when it was sent again."""
    submitted, decided, *_ = a_case()
    return submitted, decided, notified(decided, failed=True), notified(decided)


def a_case():
    """Build the facts of a completed case of funding."""
    submitted = a_submission()
    decided = eligibility_decided(application_id=submitted.application_id)
    return [submitted, decided, notified(submitted), notified(decided)]


def an_amended_case():
    """Build a case whose first decision was superseded before its notification was sent."""
    submitted = a_submission()
    application_id = submitted.application_id
    second = amended(application_id)
    decided = [eligibility_decided(application_id=application_id, version=v) for v in (1, 2)]
    return [submitted, second, *decided, notified(decided[0], failed=True), notified(decided[1])]


def a_withdrawn_case():
    """Build a case that was withdrawn before the notification about its decision was sent."""
    submitted = a_submission()
    withdrawal = withdrawn(submitted.application_id)
    decided = eligibility_decided(application_id=submitted.application_id)
    return [submitted, decided, withdrawal, notified(withdrawal)]
