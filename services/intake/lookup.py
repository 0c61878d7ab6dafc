"""Finds applications by reference, for operators: `cppp status REFERENCE` without an API key."""

from services.intake.settings import SERVICE
from services.intake.store.versions import MongoVersions, Status
from shared.mongo import Database
from shared.service.commands import run_on_database


def applications_with(reference: str) -> list[Status]:
    """Return the status of every application with a reference, whichever client submitted it.

    Needs MONGODB_URL. Prints what to check and exits if MongoDB cannot be reached.
    """

    async def find(database: Database) -> list[Status]:
        return await MongoVersions(database["applications"]).with_reference(reference)

    return run_on_database(SERVICE, find)
