"""Handles events: parse, keep. What is kept becomes pages in `site`."""

from typing import Final

from services.portal.rules import TYPES, Fact, fact_of
from shared.consumer.handling import Handler, Keep, OnPublished, no_event, no_lookup
from shared.consumer.parsing import parsers_of

PARSERS: Final = parsers_of(*TYPES)


def build_handler(keep: Keep[Fact, Fact], on_published: OnPublished[Fact]) -> Handler[Fact, Fact]:
    """Build the handler of the events that this service reads."""
    decide = no_lookup(fact_of)
    return Handler(PARSERS, decide, keep, no_event, on_published=on_published)
