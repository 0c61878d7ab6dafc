"""Contact persons in MongoDB: the only personal data of this service, gone with their erasure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.notification import Recipient, Registration
from shared.mongo import Collection, Document, UpdateOne, insert_new, translated_errors


class MongoContacts:
    """Contacts in one collection, and in another which applications had theirs erased.

    `_id` of both is the application's id. The mark of an erasure keeps a later message from waiting
    for somebody who was forgotten; a contact that is registered anew outweighs it.
    """

    def __init__(self, contacts: Collection, erasures: Collection) -> None:
        self._contacts = contacts
        self._erasures = erasures

    async def register(self, registrations: Sequence[Registration]) -> None:
        """Keep each contact unless a newer one is kept; at most one for each application."""
        documents = {each.application_id: _as_document(each) for each in registrations}
        with translated_errors():
            known = await insert_new(self._contacts, list(documents.values()))
            changes = [_replacement(documents[application_id]) for application_id in known]
            if changes:
                await self._contacts.bulk_write(changes, ordered=False)

    async def erase(self, application_ids: Sequence[str], now: datetime) -> None:
        """Forget the contacts of these applications, and remember only that it was asked for."""
        if not application_ids:
            return
        with translated_errors():
            await self._contacts.delete_many({"_id": {"$in": list(application_ids)}})
            marks = [{"_id": each, "erased_at": now} for each in application_ids]
            await insert_new(self._erasures, marks)

    async def find(self, application_ids: Sequence[str]) -> Mapping[str, Recipient]:
        """Find whom to write to, by application; who is not known is left out."""
        with translated_errors():
            found = self._contacts.find({"_id": {"$in": list(application_ids)}})
            return {each["_id"]: _as_recipient(each) async for each in found}

    async def erased(self, application_ids: Sequence[str]) -> frozenset[str]:
        """Tell which of these applications had their contact erased."""
        with translated_errors():
            found = self._erasures.find({"_id": {"$in": list(application_ids)}}, {"_id": True})
            return frozenset([each["_id"] async for each in found])


def _as_document(registration: Registration) -> Document:
    recipient = registration.recipient
    return {
        "_id": registration.application_id,
        "version": registration.version,
        "name": recipient.name,
        "email": recipient.email,
        "language": recipient.language,
    }


def _replacement(document: Document) -> UpdateOne:
    older = {"_id": document["_id"], "version": {"$lt": document["version"]}}
    return UpdateOne(older, {"$set": document})


def _as_recipient(document: Document) -> Recipient:
    return Recipient(document["name"], document["email"], document["language"])
