"""Contact persons in MongoDB: the only personal data of this service, deleted on erasure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.model import Erasure, Recipient, Registration
from shared.mongo import Collection, Document, UpdateOne, insert_new, translated_errors


class MongoContacts:
    """Contacts in one collection; erasures, with their times, in another.

    `_id` of both is the application's id. An erasure covers everything registered up to its time,
    whenever that is read, so that reading old records again restores nothing; and later messages do
    not wait for an erased contact. A later registration is valid.
    """

    def __init__(self, contacts: Collection, erasures: Collection) -> None:
        self._contacts = contacts
        self._erasures = erasures

    async def register(self, registrations: Sequence[Registration]) -> None:
        """Store each contact unless a newer one is stored or it was erased since.

        At most one for each application.
        """
        erased = await self._erased_since(registrations)
        documents = {
            each.application_id: _as_document(each) for each in registrations if each not in erased
        }
        with translated_errors():
            known = await insert_new(self._contacts, list(documents.values()))
            changes = [_replacement(documents[application_id]) for application_id in known]
            if changes:
                await self._contacts.bulk_write(changes, ordered=False)
        # A concurrent erasure, by the new owner of a partition, may have found nothing to delete.
        for each in await self._erased_since(list(registrations)):
            await self._forget(each.application_id, each.at)

    async def erase(self, erasures: Sequence[Erasure]) -> None:
        """Delete the contacts of these applications and store the times of the erasures."""
        if not erasures:
            return
        marks = [
            UpdateOne({"_id": each.application_id}, {"$max": {"erased_at": each.at}}, upsert=True)
            for each in erasures
        ]
        with translated_errors():
            await self._erasures.bulk_write(marks)
        for each in erasures:
            await self._forget(each.application_id, each.at)

    async def _forget(self, application_id: str, at: datetime) -> None:
        # `$not`, because older documents lack the field.
        up_to_then = {"_id": application_id, "registered_at": {"$not": {"$gt": at}}}
        with translated_errors():
            await self._contacts.delete_one(up_to_then)

    async def _erased_since(self, registrations: Sequence[Registration]) -> list[Registration]:
        ids = [each.application_id for each in registrations]
        with translated_errors():
            found = self._erasures.find({"_id": {"$in": ids}})
            erased_at = {each["_id"]: each["erased_at"] async for each in found}
        return [
            each
            for each in registrations
            if each.application_id in erased_at and each.at <= erased_at[each.application_id]
        ]

    async def find(self, application_ids: Sequence[str]) -> Mapping[str, Recipient]:
        """Return the known contacts by application."""
        with translated_errors():
            found = self._contacts.find({"_id": {"$in": list(application_ids)}})
            return {each["_id"]: _as_recipient(each) async for each in found}

    async def erased(self, application_ids: Sequence[str]) -> frozenset[str]:
        """Return which of these applications had their contact erased."""
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
        "registered_at": registration.at,
    }


def _replacement(document: Document) -> UpdateOne:
    older = {"_id": document["_id"], "version": {"$lt": document["version"]}}
    return UpdateOne(older, {"$set": document})


def _as_recipient(document: Document) -> Recipient:
    return Recipient(document["name"], document["email"], document["language"])
