"""The events about the outcome of a message. They contain no address."""

from datetime import datetime

from services.notify.model import Failed, Notification, Outcome, Sent
from shared.events.envelope import EventData, EventIdentity, Outgoing
from shared.events.notify import NOTIFICATIONS, NotificationFailed, NotificationSent


def events_of(notification: Notification, outcome: Outcome) -> list[Outgoing]:
    """Build the events of an outcome: final outcomes have one, a further attempt has none.

    The events of a resent message have ids of their own and name the same notification.
    """
    match outcome:
        case Sent(message_id, language, at):
            sent = NotificationSent(
                application_id=notification.application_id,
                notification_id=notification.fact_id,
                template=notification.template,
                language=language,
                message_id=message_id,
                sent_at=at,
            )
            return [_outgoing(notification, sent, at)]
        case Failed(reason, at):
            failed = NotificationFailed(
                application_id=notification.application_id,
                notification_id=notification.fact_id,
                template=notification.template,
                reason=reason,
                failed_at=at,
            )
            return [_outgoing(notification, failed, at)]
        case _:
            return []


def _outgoing(notification: Notification, data: EventData, at: datetime) -> Outgoing:
    identity = EventIdentity(
        type=type(data).__name__,
        application_id=notification.application_id,
        idempotency_key=notification.id,
        time=at,
        traceparent=notification.traceparent,
    )
    return identity.record(NOTIFICATIONS, data.model_dump_json().encode())
