"""Handles events: parse, decide what must follow, keep. Nothing is announced."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from services.reconciliation.rules import Consequences, Fact, consequences
from services.reconciliation.store import MongoExpectations
from shared.clock import from_milliseconds
from shared.consumer.handling import Handler, no_lookup
from shared.events.envelope import Event

PARSERS: Final = {each.__name__: TypeAdapter(each).validate_json for each in get_args(Fact)}


def decide(event: Event[Any]) -> Consequences | None:
    """Return what must follow an event."""
    return consequences(event.data, from_milliseconds(event.time_ms))


def build_handler(
    expectations: MongoExpectations, now: Callable[[], datetime]
) -> Handler[Consequences, None]:
    """Build the handler of the events that this service reads."""

    async def keep(proposals: Sequence[Consequences]) -> Sequence[None]:
        await expectations.keep(proposals, now())
        return ()

    return Handler(PARSERS, no_lookup(decide), keep, announce=lambda _stored: None)
