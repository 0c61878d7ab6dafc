"""A small history in which everything is as it should be, to be spoilt by tests."""

from dataclasses import replace

from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    NOTIFICATIONS,
    Accepted,
    Event,
    History,
    Kept,
    Mail,
    Notification,
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
    kind = "ApplicationSubmitted" if version.number == 1 else "ApplicationAmended"
    return Event(APPLICATIONS, kind, version, value, (("ce_id", b"1"),))


def contact_event(version):
    return Event(CONTACTS, "ContactRegistered", version, b"{}", ())


def note(version, about, state="sent"):
    id_ = f"{version.application_id}:{about}:{version.number}"
    return Notification(version, about, id_, state, f"<{id_}>" if state == "sent" else None)


def notice(message):
    value = message.id.encode()
    return Event(NOTIFICATIONS, "NotificationSent", Version("a", 0), value, (), message.id)


def mail(message, digest=b"1"):
    return Mail(message.version.application_id, message.message_id, digest)


NOTES = [
    note(FIRST, "received"),
    note(SECOND, "amended"),
    note(FIRST, "eligibility", "stopped"),
    note(SECOND, "eligibility"),
]
SENT = [each for each in NOTES if each.state == "sent"]


def whole(**changes):
    """A history in which everything is as it should be, but for the changes."""
    history = History(
        services=ALL,
        accepted=[Accepted(FIRST, "eligibility"), Accepted(SECOND, "eligibility")],
        events=[
            *[
                make(version)
                for make in (application_event, contact_event, decision_event)
                for version in (FIRST, SECOND)
            ],
            *map(notice, SENT),
        ],
        kept=[Kept("eligibility", version, DECIDED_AT) for version in (FIRST, SECOND)],
        notifications=NOTES,
        mails=[mail(each) for each in SENT],
    )
    return replace(history, **changes)


def without(things, *unwanted):
    return [each for each in things if each not in unwanted]
