"""The events that tell what became of a message. No address is in them."""

from datetime import datetime

from services.notify.model import Failed, Notification, Outcome, Sent
from services.notify.settings import SERVICE
from shared.events.envelope import Attributes, EventData, Outgoing, derived_id
from shared.events.notify import NOTIFICATIONS, NotificationFailed, NotificationSent


def events_of(notification: Notification, outcome: Outcome) -> list[Outgoing]:
    """Build what is announced of an outcome: an end is, another attempt to come is not."""
    match outcome:
        case Sent(message_id, language, at):
            sent = NotificationSent(
                application_id=notification.application_id,
                notification_id=notification.id,
                template=notification.template,
                language=language,
                message_id=message_id,
                sent_at=at,
            )
            return [_outgoing(notification, sent, at)]
        case Failed(reason, at):
            failed = NotificationFailed(
                application_id=notification.application_id,
                notification_id=notification.id,
                template=notification.template,
                reason=reason,
                failed_at=at,
            )
            return [_outgoing(notification, failed, at)]
        case _:
            return []


def _outgoing(notification: Notification, data: EventData, at: datetime) -> Outgoing:
    event_type = type(data).__name__
    attributes = Attributes(
        type=event_type,
        id=derived_id(event_type, notification.id),
        source=SERVICE,
        subject=notification.application_id,
        time=at,
        traceparent=notification.traceparent,
    )
    return Outgoing(
        topic=NOTIFICATIONS.name,
        key=notification.application_id.encode(),
        value=data.model_dump_json().encode(),
        headers=attributes.headers(),
        time=at,
    )
