"""The store of the service: its collections."""

from dataclasses import dataclass

from services.recognition.store.cases import MongoCases
from services.recognition.store.labels import MongoLabels
from services.recognition.store.schedule import MongoSchedule
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class RecognitionStore:
    """The service's collections."""

    cases: MongoCases
    labels: MongoLabels
    schedule: MongoSchedule

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""
        await self.cases.prepare()
        await self.labels.prepare()
        await self.schedule.prepare()


def open_store(database: Database) -> RecognitionStore:
    """Return the service's collections in its database."""
    labels = MongoLabels(database)
    return RecognitionStore(MongoCases(database, labels), labels, MongoSchedule(database))
