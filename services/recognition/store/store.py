"""The store of the service: its collections."""

from dataclasses import dataclass

from services.recognition.store.cases import MongoCases
from services.recognition.store.claims import MongoClaims
from services.recognition.store.history import MongoHistory
from services.recognition.store.labels import MongoLabels
from services.recognition.store.schedule import MongoSchedule
from services.recognition.store.upgrade import Upgrade
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class RecognitionStore:
    """The service's collections."""

    cases: MongoCases
    labels: MongoLabels
    claims: MongoClaims
    history: MongoHistory
    schedule: MongoSchedule
    upgrade: Upgrade

    async def prepare(self) -> None:
        """Create the indexes, and upgrade what earlier versions stored; idempotent."""
        await self.cases.prepare()
        await self.labels.prepare()
        await self.claims.prepare()
        await self.schedule.prepare()
        await self.upgrade.run()


def open_store(database: Database) -> RecognitionStore:
    """Return the service's collections in its database."""
    labels = MongoLabels(database)
    cases = MongoCases(database, labels)
    claims = MongoClaims(database, cases)
    return RecognitionStore(
        cases,
        labels,
        claims,
        MongoHistory(database, labels, claims),
        MongoSchedule(database),
        Upgrade(database, cases, claims),
    )
