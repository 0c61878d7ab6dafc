"""The documents of notifications in MongoDB. They contain no personal data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from services.notify.model import (
    AwaitingContact,
    Deferred,
    Details,
    Failed,
    Notification,
    Outcome,
    Resend,
    Sent,
    State,
)
from shared.events.envelope import Outgoing, Reason
from shared.events.notify import Template
from shared.mongo import Document
from shared.outbox.store import outbox_field

_FAILURES_KEPT: Final = 50
_DETAILS: Final = {each.name: each.default for each in fields(Details)}
# Release 0.1.0 fails to read a notification if `details` has a field that it does not know.
_NOT_IN_0_1_0: Final = frozenset({"requested_cents"})
_REASONS: Final = frozenset({"reasons", "conditions"})
_DAYS: Final = frozenset(
    {"completed_on", "notice_ends_on", "valid_from", "valid_to", "due_by", "finish_by"}
)


@dataclass(frozen=True, slots=True)
class OutcomeUpdate:
    """The outcome of a claimed notification, with its events."""

    notification_id: str
    outcome: Outcome
    events: Sequence[Outgoing] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a notification, for anybody who knows the application's id."""

    notification_id: str
    template: Template
    state: State
    occurred_at: datetime
    sent_at: datetime | None
    message_id: str | None
    reason: str | None


def as_document(notification: Notification, now: datetime) -> Document:
    """Return the document of a notification that is due at once."""
    details = _details_document(notification.details)
    added = {name: details.pop(name) for name in _NOT_IN_0_1_0 & details.keys()}
    return {
        "_id": notification.id,
        "application_id": notification.application_id,
        "about": notification.about,
        "version": notification.version,
        "template": notification.template,
        "details": details,
        "added_details": added,
        "occurred_at": notification.occurred_at,
        "occasion": notification.occasion,
        "traceparent": notification.traceparent,
        "state": "due",
        "due_at": now,
        "attempts": 0,
    }


def as_ended_document(
    notification: Notification, failed: Failed, events: Sequence[Outgoing]
) -> Document:
    """Return the document of a notification that is final from the start and never due."""
    document = as_document(notification, failed.at)
    del document["due_at"]
    return {
        **document,
        "state": failed.state,
        **_outcome_fields(failed),
        "outbox": outbox_field(events, failed.at),
    }


def as_resend_document(notification: Notification, order: Resend) -> Document:
    """Return the document of a notification that an operator has sent again, due at once."""
    resend = {"number": notification.resend, **asdict(order)}
    return {**as_document(notification, order.at), "resend": resend}


def _details_document(details: Details) -> Document:
    """Return the content of a message without the fields that do not apply."""
    values = {name: getattr(details, name) for name in _DETAILS}
    return {
        name: _encoded(name, values[name])
        for name, default in _DETAILS.items()
        if values[name] != default
    }


def _details(document: Document) -> Details:
    """Read the content of a message; fields that only a later release knows are ignored."""
    stored = {**document["details"], **document.get("added_details", {})}
    known = _DETAILS.keys() & stored.keys()
    return Details(**{name: _decoded(name, stored[name]) for name in known})


def _encoded(name: str, value: Any) -> Any:
    if name in _REASONS:
        return [_reason(each) for each in value]
    return value.isoformat() if name in _DAYS else value  # MongoDB has times, but no dates


def _decoded(name: str, value: Any) -> Any:
    if name in _REASONS:
        return tuple(Reason(**each) for each in value)
    return date.fromisoformat(value) if name in _DAYS and value else value


@lru_cache(1024)
def _reason(reason: Reason) -> Document:
    return asdict(reason)


def as_notification(document: Document) -> Notification:
    """Read a notification, equal to the stored one except for its failures."""
    return Notification(
        application_id=document["application_id"],
        about=document["about"],
        version=document["version"],
        template=document["template"],
        details=_details(document),
        occurred_at=document["occurred_at"],
        occasion=document["occasion"],
        traceparent=document["traceparent"],
        attempts=document["attempts"],
        failing_since=document.get("failing_since"),
        resend=document.get("resend", {}).get("number", 0),
    )


def as_status(document: Document) -> Status:
    """Read the status of a notification."""
    return Status(
        notification_id=as_fact_id(document),
        template=document["template"],
        state=document["state"],
        occurred_at=document["occurred_at"],
        sent_at=document.get("sent_at"),
        message_id=document.get("message_id"),
        reason=document.get("reason"),
    )


def as_fact_id(document: Document) -> str:
    """Return the id of a notification without the number of its resend; no fact's id has a `#`."""
    return str(document["_id"]).partition("#")[0]


def as_change(update: OutcomeUpdate, now: datetime) -> Document:
    """Return the update that stores an outcome and ends the claim.

    The events of the outcome are stored in the same document until they are published.
    """
    outcome = update.outcome
    changes = {"state": outcome.state, **_outcome_fields(outcome)}
    if update.events:
        changes["outbox"] = outbox_field(update.events, now)
    removed = {"claim": ""} if "due_at" in changes else {"claim": "", "due_at": ""}
    return {"$set": changes, "$unset": removed, **_failure_logged(outcome, now)}


def as_joint_change(updates: Sequence[OutcomeUpdate], now: datetime) -> list[Document]:
    """Return one update that stores the outcomes of several sent notifications, each its own.

    The same as `as_change` of each.
    """
    changes = [as_change(each, now) for each in updates]
    ids = {"$literal": [each.notification_id for each in updates]}
    fields_set = {"$literal": [each["$set"] for each in changes]}
    own = {"$arrayElemAt": [fields_set, {"$indexOfArray": [ids, "$_id"]}]}
    removed = list(changes[0]["$unset"])
    return [{"$replaceWith": {"$mergeObjects": ["$$ROOT", own]}}, {"$unset": removed}]


def _failure_logged(outcome: Outcome, now: datetime) -> Document:
    """Return what adds a failed attempt to the last ones; others cost nothing."""
    if not isinstance(outcome, Deferred | Failed):
        return {}
    failure = {
        "at": now,
        "state": outcome.state,
        "reason": outcome.reason,
        "answer": outcome.answer,
    }
    return {"$push": {"failures": {"$each": [failure], "$slice": -_FAILURES_KEPT}}}


def _outcome_fields(outcome: Outcome) -> Document:
    match outcome:
        case Sent(message_id, language, at):
            return {"sent_at": at, "message_id": message_id, "language": language}
        case Deferred(reason, attempts, failing_since, until):
            return {
                "reason": reason,
                "attempts": attempts,
                "failing_since": failing_since,
                "due_at": until,
            }
        case Failed(reason, at):
            return {"reason": reason, "failed_at": at}
        case AwaitingContact(until):
            return {"due_at": until}
