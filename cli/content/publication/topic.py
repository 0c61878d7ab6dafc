"""What is published on `content.items.v1` now: the event that holds about each item."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from shared.events.content import ITEMS, ItemPublished, ItemWithdrawn
from shared.events.envelope import CE_TYPE, EventData
from shared.kafka.reader import read_topic
from shared.kafka.record import KafkaRecord
from shared.settings import KafkaSettings

log = logging.getLogger(__name__)

_PUBLISHED: Final = ItemPublished.__name__
_WITHDRAWN: Final = ItemWithdrawn.__name__


class _Published(EventData):
    """The part of `ItemPublished` that tells whether an item has changed."""

    item_id: str
    kind: str
    revision: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class State:
    """The event that holds about an item; without a hash it is withdrawn, for the `reason`."""

    item_id: str
    kind: str
    revision: int
    event_id: str
    content_hash: str = ""
    reason: str = ""

    @property
    def is_withdrawn(self) -> bool:
        """Whether the item is not to be shown."""
        return not self.content_hash


async def read_states(settings: KafkaSettings) -> Mapping[str, State]:
    """Read the topic to its end; raises `TransientError` if Kafka cannot be reached."""
    states: dict[str, State] = {}
    async for records in read_topic(settings, ITEMS):
        take(states, records)
    return states


def take(states: dict[str, State], records: Iterable[KafkaRecord]) -> None:
    """Take records into account, as every reader does: a revision counts once, and upwards."""
    for record in records:
        state = _state(record)
        known = states.get(state.item_id) if state else None
        if state and (known is None or state.revision > known.revision):
            states[state.item_id] = state


def _state(record: KafkaRecord) -> State | None:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    kind, event_id = headers.get(CE_TYPE, ""), headers.get("ce_id", "")
    try:
        if kind == _PUBLISHED:
            published = _Published.model_validate_json(record.value or b"")
            return State(event_id=event_id, **published.model_dump())
        if kind == _WITHDRAWN:
            withdrawn = ItemWithdrawn.model_validate_json(record.value or b"")
            fields = withdrawn.model_dump(exclude={"withdrawn_at"})
            return State(event_id=event_id, **fields)
    except ValidationError:
        log.warning("%s/%d@%d: no event of content; passed over", *_place(record))
    return None


def _place(record: KafkaRecord) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
