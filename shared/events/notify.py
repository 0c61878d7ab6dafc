"""Events of `notify`. Key: the application's id. No personal data: never an address."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime

from shared.events.envelope import ApplicationId, EventData, Language, Publication, Topic
from shared.events.values import Extensible

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
    """The mail server has accepted the message.

    It may follow a `NotificationFailed` with the same `notification_id`: an operator has sent the
    message again.
    """

    application_id: ApplicationId
    notification_id: str
    template: Annotated[str, Extensible(Template)]
    language: Annotated[str, Extensible(Language)]
    message_id: str
    sent_at: AwareDatetime


class NotificationFailed(EventData):
    """The message is not sent, unless an operator sends it again; `reason` is a code.

    `mailbox-unavailable`, `address-not-supported`: refused permanently (`smtp-<code>` in events of
    older releases). `refused-by-domain`, `content-refused`: refused for days. `gave-up`: failed for
    days.
    `no-contact`: no contact person became known in time. `contact-erased`: the person was erased.
    `application-withdrawn`, `version-superseded`: out of date. `suppressed`: the address is on the
    suppression list. `too-old`: the fact was too old when it was read. More codes may be added.
    """

    application_id: ApplicationId
    notification_id: str
    template: Annotated[str, Extensible(Template)]
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
