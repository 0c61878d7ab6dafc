"""Handles events: parse, keep. What is kept becomes pages in `site`, numbers in `statistics`."""

from collections.abc import Sequence
from typing import Any, Final

from services.portal.rules import TYPES, Fact, fact_of
from services.portal.statistics import entries
from services.portal.statistics.entries import Entry, entry_of
from services.portal.statistics.store import MongoApplications
from services.portal.store import MongoFacts
from shared.consumer.handling import Handler, Lookup, OnPublished, no_event, no_lookup
from shared.consumer.parsing import parsers_of
from shared.events.envelope import Event

Kept = Fact | Entry
PARSERS: Final = parsers_of(*TYPES, *entries.TYPES)


def build_handler(
    facts: MongoFacts, applications: MongoApplications, on_published: OnPublished[Kept]
) -> Handler[Kept, Kept]:
    """Build the handler of the events that this service reads."""

    async def keep(proposals: Sequence[Kept]) -> Sequence[Kept]:
        counted = [each for each in proposals if isinstance(each, Entry)]
        await applications.keep(counted)
        stored = await facts.keep([each for each in proposals if isinstance(each, Fact)])
        return [*counted, *stored]

    decide: Lookup[Kept] = no_lookup(_kept_of)
    return Handler(PARSERS, decide, keep, no_event, on_published=on_published)


def _kept_of(event: Event[Any]) -> Kept:
    return entry_of(event) or fact_of(event)
