"""A small history without violations, which tests change."""

from dataclasses import replace

from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    NOTIFICATIONS,
    Accepted,
    Event,
    History,
    Mail,
    Notification,
    StoredDecision,
    Version,
)

DECISIONS = "eligibility.decisions.v1"
ALL = frozenset({"intake", "eligibility", "notify"})
DECIDED_AT = "2026-11-02T01:30:00.001"
FIRST, SECOND = Version("a", 1), Version("a", 2)


def decision_event(version, value=b"", headers=(("ce_id", b"1"),)):
    value = value or b'{"decided_at":"' + DECIDED_AT.encode() + b'000Z"}'
    return Event(DECISIONS, "EligibilityDecided", version, value, headers)


def application_event(version, value=b"{}"):
    type_ = "ApplicationSubmitted" if version.number == 1 else "ApplicationAmended"
    return Event(APPLICATIONS, type_, version, value, (("ce_id", b"1"),))


def contact_event(version):
    return Event(CONTACTS, "ContactRegistered", version, b"{}", ())


def message(version, about, state="sent"):
    id_ = f"{version.application_id}:{about}:{version.number}"
    return Notification(version, about, id_, state, f"<{id_}>" if state == "sent" else None)


def notification_event(notification):
    value, version = notification.id.encode(), Version("a", 0)
    return Event(NOTIFICATIONS, "NotificationSent", version, value, (), notification.id)


def mail(notification, digest=b"1"):
    return Mail(notification.version.application_id, notification.message_id, digest)


MESSAGES = [
    message(FIRST, "received"),
    message(SECOND, "amended"),
    message(FIRST, "eligibility", "stopped"),
    message(SECOND, "eligibility"),
]
SENT = [each for each in MESSAGES if each.state == "sent"]


def correct_history(**changes):
    """Build a history without violations, except for the changes."""
    history = History(
        services=ALL,
        accepted=[Accepted(FIRST, "eligibility"), Accepted(SECOND, "eligibility")],
        events=[
            *[
                make(version)
                for make in (application_event, contact_event, decision_event)
                for version in (FIRST, SECOND)
            ],
            *map(notification_event, SENT),
        ],
        decisions=[
            StoredDecision("eligibility", version, DECIDED_AT) for version in (FIRST, SECOND)
        ],
        notifications=MESSAGES,
        mails=[mail(each) for each in SENT],
    )
    return replace(history, **changes)


def without(things, *unwanted):
    return [each for each in things if each not in unwanted]
