"""Handles events: parse, decide, keep. `delivery` sends what is stored."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from services.notify.facts import Fact
from services.notify.model import (
    End,
    Erasure,
    Failed,
    Intent,
    Notification,
    Recipient,
    Registration,
)
from services.notify.rules import TOO_OLD, is_too_old, notification_about
from services.notify.store.stores import Stores
from shared.clock import from_milliseconds
from shared.consumer.handling import Handler, no_lookup
from shared.events.envelope import ApplicationId, Event
from shared.events.intake import CONTACTS, ContactRegistered

PARSERS: Final = {
    each.__name__: TypeAdapter(each).validate_json for each in (ContactRegistered, *get_args(Fact))
}
_APPLICATION_ID: Final = TypeAdapter(ApplicationId)


def propose(event: Event[Any]) -> Intent:
    """Return the registration of a contact, or the notification about any other fact."""
    if isinstance(event.data, ContactRegistered):
        contact = event.data.contact
        recipient = Recipient(contact.name, contact.email, contact.language)
        return Registration(
            event.data.application_id,
            event.data.version,
            recipient,
            from_milliseconds(event.time_ms),
        )
    return notification_about(event.data, from_milliseconds(event.time_ms), event.traceparent)


def erasure(key: bytes, time_ms: int) -> Erasure:
    """Return the erasure of a tombstone; raises `ValidationError` unless its key is a valid id."""
    application_id = _APPLICATION_ID.validate_python(key.decode(errors="replace"))
    return Erasure(application_id, from_milliseconds(time_ms))


class NotificationHandler:
    """Stores notifications and contacts, then wakes the sender.

    A fact older than `too_old_seconds` is stored as not to be mailed, so that a new installation
    that reads all of history mails nobody about the past.
    """

    def __init__(
        self,
        stores: Stores,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        too_old_seconds: float,
        count_ended: Callable[[End, int], None] = lambda _state, _number: None,
    ) -> None:
        self._stores = stores
        self._now = now
        self._wake = wake
        self._too_old_seconds = too_old_seconds
        self._count_ended = count_ended

    async def keep(self, proposals: Sequence[Intent]) -> Sequence[None]:
        """Store a batch; idempotent. Contacts come first, so that messages find theirs.

        Lifecycles come before messages, too, so that they can stop them at once. An erasure covers
        earlier registrations; of several registrations the newest version counts.
        """
        now = self._now()
        erasures = [each for each in proposals if isinstance(each, Erasure)]
        await self._stores.contacts.erase(erasures)
        registrations = newest_registrations(proposals)
        await self._stores.contacts.register(registrations)
        messages = [each for each in proposals if isinstance(each, Notification)]
        await self._stores.lifecycles.keep(messages)
        await self._keep_messages(messages, now)
        withdrawn = [each.application_id for each in messages if each.about == "withdrawn"]
        erased = [each.application_id for each in erasures]
        if touched := [*erased, *(each.application_id for each in registrations), *withdrawn]:
            await self._stores.notifications.make_due(touched, now)
        self._wake()
        return ()

    async def _keep_messages(self, messages: Sequence[Notification], now: datetime) -> None:
        by_age: dict[bool, list[Notification]] = {True: [], False: []}
        for each in messages:
            by_age[is_too_old(each, now, self._too_old_seconds)].append(each)
        await self._stores.notifications.keep(by_age[False], now)
        too_old = Failed(TOO_OLD, now, "too-old")
        self._count_ended(
            "too-old", await self._stores.notifications.keep_ended(by_age[True], too_old)
        )


def newest_registrations(proposals: Iterable[Intent]) -> list[Registration]:
    """Return the newest version of each contact; of equal versions the later registration."""
    newest: dict[str, Registration] = {}
    for each in proposals:
        if isinstance(each, Registration):
            known = newest.get(each.application_id)
            if known is None or each.version >= known.version:
                newest[each.application_id] = each
    return list(newest.values())


def build_handler(notifications: NotificationHandler) -> Handler[Intent, None]:
    """Build the handler of the events that this service reads; it announces nothing."""
    return Handler(
        parsers=PARSERS,
        lookup=no_lookup(propose),
        keep=notifications.keep,
        announce=lambda _stored: None,
        on_tombstone={CONTACTS.name: erasure},
    )
