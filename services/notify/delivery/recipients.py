"""Who is written to: for each message its reader, or why it is not sent, for now or for good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.notify.model import (
    AwaitingContact,
    Failed,
    Notification,
    Outcome,
    Recipient,
    Standing,
)
from services.notify.rules import is_too_old, stop_reason
from services.notify.store.stores import Stores

CONTACT_ERASED: Final = "contact-erased"
NO_CONTACT: Final = "no-contact"
SUPPRESSED: Final = "suppressed"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often is looked for a contact that is missing, and how old a fact may grow unmailed."""

    contact_check_seconds: float = 600
    too_old_seconds: float = 7 * 24 * 3600


@dataclass(slots=True)
class Screened:
    """Whom to write to, and what became of the other messages."""

    readers: list[tuple[Notification, Recipient]] = field(default_factory=list)
    settled: list[tuple[Notification, Outcome]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    standings: Mapping[str, Standing]
    recipients: Mapping[str, Recipient]
    suppressed: frozenset[str]
    erased: frozenset[str]


class Screening:
    """Looks up what decides whether a message goes out, once for many of them."""

    def __init__(self, stores: Stores, patience: Patience, now: Callable[[], datetime]) -> None:
        self._stores = stores
        self._patience = patience
        self._now = now

    async def screen(self, claimed: Sequence[Notification]) -> Screened:
        """Find each message's reader; may be repeated.

        Raises `TransientError` while the database is down.
        """
        known, screened = await self._known(claimed), Screened()
        for each in claimed:
            judged = self._judged(each, known)
            if isinstance(judged, Recipient):
                screened.readers.append((each, judged))
            else:
                screened.settled.append((each, judged))
        return screened

    async def release_contacted(self, application_ids: Sequence[str]) -> None:
        """Make due what waits for a contact that is there; may be repeated."""
        arrived = await self._stores.contacts.find(application_ids)
        if arrived:
            await self._stores.notifications.release(list(arrived), self._now())

    async def _known(self, claimed: Sequence[Notification]) -> _Known:
        ids = [each.application_id for each in claimed]
        standings = await self._stores.standings.find(ids)
        recipients = await self._stores.contacts.find(ids)
        addresses = [each.email for each in recipients.values()]
        suppressed = await self._stores.suppressions.among(addresses)
        unknown = [each for each in ids if each not in recipients]
        erased = await self._stores.contacts.erased(unknown) if unknown else frozenset[str]()
        return _Known(standings, recipients, suppressed, erased)

    def _judged(self, notification: Notification, known: _Known) -> Recipient | Outcome:
        application_id, now = notification.application_id, self._now()
        standing = known.standings.get(application_id)
        if standing and (reason := stop_reason(notification, standing)):
            return Failed(reason, now, "stopped")
        recipient = known.recipients.get(application_id)
        if recipient is None:
            if application_id in known.erased:
                return Failed(CONTACT_ERASED, now, "erased")
            return self._waiting(notification, now)
        if recipient.email in known.suppressed:
            return Failed(SUPPRESSED, now, "suppressed")
        return recipient

    def _waiting(self, notification: Notification, now: datetime) -> Outcome:
        if is_too_old(notification, now, self._patience.too_old_seconds):
            return Failed(NO_CONTACT, now)
        return AwaitingContact(now + timedelta(seconds=self._patience.contact_check_seconds))
