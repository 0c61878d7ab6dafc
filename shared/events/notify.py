"""Events of `notify`. Key: the application's id. No personal data: never an address."""

from typing import Final, Literal

from pydantic import AwareDatetime

from shared.events.envelope import ApplicationId, EventData, Language, Publication, Topic

NOTIFICATIONS: Final = Topic("notify.notifications.v1")

Template = Literal[
    "received",
    "amended",
    "withdrawn",
    "eligible",
    "ineligible",
    "referred",
    "grant-to-be-set",
    "project-completed",
    "recognition-qualified",
    "recognition-not-qualified",
    "recognition-referred",
    "recognition-step",
    "label-awarded",
    "label-expired",
]


class NotificationSent(EventData):
    """The mail server has accepted the message."""

    application_id: ApplicationId
    notification_id: str
    template: Template
    language: Language
    message_id: str
    sent_at: AwareDatetime


class NotificationFailed(EventData):
    """The message will never be sent; `reason` is a code, never the server's words.

    `smtp-<code>`, `address-not-supported`: refused permanently. `gave-up`: failed for days.
    `no-contact`: no contact person became known in time. `contact-erased`: the person was erased.
    `application-withdrawn`, `version-superseded`: out of date. `suppressed`: the address is on the
    suppression list. `too-old`: the fact was too old when it was read. More codes may be added.
    """

    application_id: ApplicationId
    notification_id: str
    template: Template
    reason: str
    failed_at: AwareDatetime


PUBLICATIONS: Final = (
    Publication(NotificationSent, NOTIFICATIONS, "The mail server has accepted the message."),
    Publication(
        NotificationFailed,
        NOTIFICATIONS,
        "The message was given up: it is refused for ever, out of date, or has no recipient.",
    ),
)
