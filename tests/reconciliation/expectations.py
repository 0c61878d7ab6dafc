"""Stores the expectations that follow from facts."""

from services.reconciliation.rules import consequences
from tests.factories import NOW


def all_consequences(*facts, at=NOW):
    return [found for fact in facts if (found := consequences(fact, at))]


async def store(expectations, *facts, now=NOW, at=NOW):
    await expectations.keep(all_consequences(*facts, at=at), now)
