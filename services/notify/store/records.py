"""What became of each mail, for operators; and the order to send it again.

A resent mail is a document of its own, inserted once: `_id` = `<notification>#<number>`. So two
orders at a time make one mail, attempts count anew, and the events of the first one stay as they
are. The document before it is marked, so that each notification has one last document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from inspect import isawaitable
from typing import Any, Final, get_args

from services.notify.model import Failure, Notification, Resend, State
from services.notify.store.documents import as_notification, as_resend_document
from shared.mongo import Collection, Document, insert_new, translated_errors
from shared.references import id_prefix, parse_reference, reference_of

_LAST: Final[Document] = {"is_resent": {"$exists": False}}
_ENDED_AT: Final = {"$ifNull": ["$sent_at", {"$ifNull": ["$failed_at", "$occurred_at"]}]}
# A sent mail may have a reason, too: that of the last attempt before.
_REASON_OF_STATE: Final = {"$cond": [{"$eq": ["$state", "sent"]}, None, "$reason"]}
_FAILURES: Final = frozenset(get_args(Failure))


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria that all have to match. Times are those of the end, or else of the fact.

    `application` is an id or a reference.
    """

    states: Sequence[State] = ()
    reason: str | None = None
    template: str | None = None
    application: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that failed: when, the state that followed, why, and the mail server's codes."""

    at: datetime
    state: State
    reason: str
    answer: str


@dataclass(frozen=True, slots=True)
class MailRecord:
    """A notification and what became of it; `ended_at` is that of the fact until it has ended.

    `is_announced`: no event about it waits to be published.
    """

    notification: Notification
    state: State
    reason: str | None
    ended_at: datetime
    message_id: str | None
    failures: Sequence[FailedAttempt]
    resend: Resend | None
    is_announced: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Total:
    """The number of mails with the same state and reason."""

    state: State
    reason: str | None
    count: int


class MongoMailRecords:
    """The collection of notifications as operators see it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def find(self, criteria: Criteria, limit: int) -> list[MailRecord]:
        """Return the last document of each matching notification, the latest end first."""
        latest = {"$sort": {"ended_at": -1, "_id": 1}}
        stages = [*_matching(criteria), latest, {"$limit": limit}]
        found = [_as_record(each) for each in await self._aggregate(stages)]
        return [each for each in found if _is_about(each, criteria.application)]

    async def totals(self, criteria: Criteria) -> list[Total]:
        """Count the matching notifications by state and reason."""
        key = {"state": "$state", "reason": _REASON_OF_STATE}
        stages = [*_matching(criteria), {"$group": {"_id": key, "count": {"$sum": 1}}}]
        found = await self._aggregate([*stages, {"$sort": {"_id": 1}}])
        return [
            Total(each["_id"]["state"], each["_id"].get("reason"), each["count"]) for each in found
        ]

    async def named(self, ids: Sequence[str]) -> Mapping[str, Sequence[MailRecord]]:
        """Return by id all documents of the named notifications: the first one, then its resends.

        Ids without a notification are missing.
        """
        applications = sorted({each.partition(":")[0] for each in ids})
        wanted = {"application_id": {"$in": applications}}
        found = await self._aggregate([{"$match": wanted}, {"$set": {"ended_at": _ENDED_AT}}])
        records = sorted(map(_as_record, found), key=lambda each: each.notification.resend)
        named: dict[str, list[MailRecord]] = {}
        for each in records:
            if each.notification.fact_id in ids:
                named.setdefault(each.notification.fact_id, []).append(each)
        return named

    async def resend(self, records: Sequence[MailRecord], order: Resend) -> frozenset[str]:
        """Order these mails anew; return the ids of those that somebody else ordered before.

        Idempotent: a repeat orders nothing. The mail is inserted before the one before it is
        marked: a crash in between leaves that one listed, and orders no second mail.
        """
        again = {each.notification.id: _again(each.notification) for each in records}
        documents = [as_resend_document(each, order) for each in again.values()]
        with translated_errors():
            known = set(await insert_new(self._collection, documents))
            await self._collection.update_many(
                {"_id": {"$in": list(again)}}, {"$set": {"is_resent": True}}
            )
        return frozenset(each.fact_id for each in again.values() if each.id in known)

    async def _aggregate(self, stages: Sequence[Document]) -> list[Document]:
        with translated_errors():
            found: Any = self._collection.aggregate(stages)
            cursor = await found if isawaitable(found) else found  # the drivers differ in this
            return [each async for each in cursor]


def _again(notification: Notification) -> Notification:
    number = notification.resend + 1
    return replace(notification, attempts=0, failing_since=None, resend=number)


def _matching(criteria: Criteria) -> list[Document]:
    """Return the stages that find the last document of each matching notification."""
    wanted: Document = {**_LAST, **_equal(criteria)}
    if criteria.application:
        wanted["application_id"] = _application(criteria.application)
    during = {
        name: moment
        for name, moment in (("$gte", criteria.since), ("$lt", criteria.until))
        if moment
    }
    if during and criteria.states and _FAILURES.issuperset(criteria.states):
        wanted["failed_at"] = during  # has an index
    timed = [{"$match": {"ended_at": during}}] if during else []
    return [{"$match": wanted}, {"$set": {"ended_at": _ENDED_AT}}, *timed]


def _equal(criteria: Criteria) -> Document:
    states = {"state": {"$in": list(criteria.states)}} if criteria.states else {}
    named = {"reason": criteria.reason, "template": criteria.template}
    return {**states, **{name: value for name, value in named.items() if value}}


def _application(identifier: str) -> Any:
    reference = parse_reference(identifier)
    if reference is None:
        return identifier
    prefix = id_prefix(reference)
    return {"$gte": prefix, "$lt": f"{prefix}g"}


def _is_about(record: MailRecord, identifier: str | None) -> bool:
    reference = parse_reference(identifier or "")
    return reference is None or reference_of(record.notification.application_id) == reference


def _as_record(document: Document) -> MailRecord:
    state, order = document["state"], document.get("resend")
    return MailRecord(
        notification=as_notification(document),
        state=state,
        reason=None if state == "sent" else document.get("reason"),
        ended_at=document["ended_at"],
        message_id=document.get("message_id"),
        failures=[FailedAttempt(**each) for each in document.get("failures", ())],
        resend=Resend(order["by"], order["at"], order["because"]) if order else None,
        is_announced="outbox" not in document,
        due_at=document.get("due_at"),
    )
