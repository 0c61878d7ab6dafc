"""Expectations stored from facts."""

from services.reconciliation.rules import consequences
from tests.factories import NOW


def follow(*facts, at=NOW):
    return [found for fact in facts if (found := consequences(fact, at))]


async def keep(expectations, *facts, now=NOW, at=NOW):
    await expectations.keep(follow(*facts, at=at), now)
