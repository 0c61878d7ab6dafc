"""Finds the recipient of each message, or why it is not sent now or at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.notify.model import (
    AwaitingContact,
    Failed,
    Lifecycle,
    Notification,
    Outcome,
    Recipient,
)
from services.notify.rules import is_too_old, stop_reason
from services.notify.store.stores import Stores

CONTACT_ERASED: Final = "contact-erased"
NO_CONTACT: Final = "no-contact"
SUPPRESSED: Final = "suppressed"


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """How often a missing contact is looked for, and how old a fact may become without a mail."""

    contact_check_seconds: float = 600
    too_old_seconds: float = 7 * 24 * 3600


@dataclass(slots=True)
class ResolvedRecipients:
    """Messages with their recipients, and the outcomes of the other messages."""

    addressed: list[tuple[Notification, Recipient]] = field(default_factory=list)
    outcomes: list[tuple[Notification, Outcome]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    lifecycles: Mapping[str, Lifecycle]
    recipients: Mapping[str, Recipient]
    suppressed: frozenset[str]
    erased: frozenset[str]


class RecipientResolver:
    """Looks up what decides whether messages are sent, in one query for many of them."""

    def __init__(
        self, stores: Stores, settings: ResolverSettings, now: Callable[[], datetime]
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._now = now

    async def resolve(self, claimed: Sequence[Notification]) -> ResolvedRecipients:
        """Resolve the recipient of each message; idempotent.

        Raises `TransientError` while the database is down.
        """
        known, resolved = await self._known(claimed), ResolvedRecipients()
        for each in claimed:
            result = self._resolve_one(each, known)
            if isinstance(result, Recipient):
                resolved.addressed.append((each, result))
            else:
                resolved.outcomes.append((each, result))
        return resolved

    async def release_contacted(self, application_ids: Sequence[str]) -> None:
        """Make messages due whose missing contact has arrived; idempotent."""
        arrived = await self._stores.contacts.find(application_ids)
        if arrived:
            await self._stores.notifications.make_due(list(arrived), self._now())

    async def _known(self, claimed: Sequence[Notification]) -> _Known:
        ids = [each.application_id for each in claimed]
        lifecycles = await self._stores.lifecycles.find(ids)
        recipients = await self._stores.contacts.find(ids)
        addresses = [each.email for each in recipients.values()]
        suppressed = await self._stores.suppressions.among(addresses)
        unknown = [each for each in ids if each not in recipients]
        erased = await self._stores.contacts.erased(unknown) if unknown else frozenset[str]()
        return _Known(lifecycles, recipients, suppressed, erased)

    def _resolve_one(self, notification: Notification, known: _Known) -> Recipient | Outcome:
        application_id, now = notification.application_id, self._now()
        lifecycle = known.lifecycles.get(application_id)
        if lifecycle and (reason := stop_reason(notification, lifecycle)):
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
        if is_too_old(notification, now, self._settings.too_old_seconds):
            return Failed(NO_CONTACT, now)
        return AwaitingContact(now + timedelta(seconds=self._settings.contact_check_seconds))
