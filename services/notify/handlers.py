"""The steps for each event: read, decide, keep. What is kept is sent later, by `sending.py`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from services.notify.facts import Fact
from services.notify.notification import (
    Erasure,
    Notification,
    Proposal,
    Recipient,
    Registration,
)
from services.notify.rules import notification_about
from services.notify.stores import Stores
from shared.events.envelope import ApplicationId, Event
from shared.events.intake import CONTACTS, ContactRegistered
from shared.handling import Steps

SERVICE: Final = "notify"
READ: Final = {
    each.__name__: TypeAdapter(each).validate_json for each in (ContactRegistered, *get_args(Fact))
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_APPLICATION_ID: Final = TypeAdapter(ApplicationId)


def propose(event: Event[Any]) -> Proposal:
    """Turn a contact into a registration, and any other fact into the message about it."""
    if isinstance(event.data, ContactRegistered):
        contact = event.data.contact
        recipient = Recipient(contact.name, contact.email, contact.language)
        return Registration(event.data.application_id, event.data.version, recipient)
    occurred_at = _EPOCH + timedelta(milliseconds=event.time_ms)
    return notification_about(event.data, occurred_at, event.traceparent)


def erasure(key: bytes) -> Erasure:
    """Read a tombstone's key; raises `ValidationError` if it is no application's id."""
    return Erasure(_APPLICATION_ID.validate_python(key.decode(errors="replace")))


class Keeping:
    """Keeps what is to be told and whom to tell it, then wakes the sending."""

    def __init__(
        self, stores: Stores, now: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._notifications = stores.notifications
        self._contacts = stores.contacts
        self._standings = stores.standings
        self._now = now
        self._wake = wake

    async def keep(self, proposals: Sequence[Proposal]) -> Sequence[None]:
        """Keep a batch; may be repeated. Contacts come first, so that messages find theirs.

        So do standings, and what they end is looked at at once. Of several changes to one contact
        the last in the batch counts, and of registrations the newest version.
        """
        now = self._now()
        changes = latest_changes(proposals)
        await self._contacts.register([each for each in changes if isinstance(each, Registration)])
        erased = [each.application_id for each in changes if isinstance(each, Erasure)]
        await self._contacts.erase(erased, now)
        messages = [each for each in proposals if isinstance(each, Notification)]
        await self._standings.keep(messages)
        await self._notifications.keep(messages, now)
        withdrawn = [each.application_id for each in messages if each.about == "withdrawn"]
        touched = [*(each.application_id for each in changes), *withdrawn]
        if touched:
            await self._notifications.release(touched, now)
        self._wake()
        return ()


def latest_changes(proposals: Iterable[Proposal]) -> list[Registration | Erasure]:
    """Pick what holds at the end of a batch for each contact that it changes."""
    latest: dict[str, Registration | Erasure] = {}
    for each in proposals:
        if isinstance(each, Notification):
            continue
        before = latest.get(each.application_id)
        outdated = (
            isinstance(before, Registration)
            and isinstance(each, Registration)
            and each.version < before.version
        )
        if not outdated:
            latest[each.application_id] = each
    return list(latest.values())


def steps(keeping: Keeping) -> Steps[Proposal, None]:
    """Name what this service does with the events that it reads; nothing is announced here."""
    return Steps(
        read=READ,
        decide=propose,
        keep=keeping.keep,
        announce=lambda _kept: None,
        erase={CONTACTS.name: erasure},
    )
