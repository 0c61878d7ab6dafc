"""What a folder changes about what is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cli.content.publication.topic import State
from shared.events.content import ITEMS, ItemPublished, ItemWithdrawn
from shared.events.envelope import EventData, Outgoing, SubjectIdentity


@dataclass(slots=True)
class Plan:
    """Items by what is to be done about them.

    `withdrawn` are in the folder but were withdrawn: they need an order to bring them back.
    `missing` are published but not in the folder; they stay published.
    """

    new: list[ItemPublished] = field(default_factory=list)
    changed: list[ItemPublished] = field(default_factory=list)
    unchanged: list[ItemPublished] = field(default_factory=list)
    withdrawn: list[State] = field(default_factory=list)
    missing: list[State] = field(default_factory=list)

    @property
    def to_publish(self) -> Sequence[ItemPublished]:
        """The items to publish: images first, as items show them."""
        return sorted((*self.new, *self.changed), key=lambda each: each.kind != "image")


def plan(
    wanted: Iterable[ItemPublished],
    states: Mapping[str, State],
    bring_back: frozenset[str] = frozenset(),
) -> Plan:
    """Compare the items of a folder with what is published."""
    found, ids = Plan(), set()
    for item in wanted:
        ids.add(item.item_id)
        state = states.get(item.item_id)
        if state is None:
            found.new.append(item)
        elif state.is_withdrawn and item.item_id not in bring_back:
            found.withdrawn.append(state)
        elif state.content_hash == item.content_hash:
            found.unchanged.append(item)
        else:
            found.changed.append(item)
    found.missing = [
        each for each in states.values() if not each.is_withdrawn and each.item_id not in ids
    ]
    return found


def published(item: ItemPublished, states: Mapping[str, State], now: datetime) -> Outgoing:
    """Build the event that publishes an item, with the next revision."""
    revision = _next(states.get(item.item_id))
    data = item.model_copy(update={"revision": revision, "published_at": now})
    return _event(data, item.item_id, f"{revision}/{item.content_hash}", now)


def withdrawn(state: State, reason: str, now: datetime) -> Outgoing:
    """Build the event that withdraws an item."""
    data = ItemWithdrawn(
        item_id=state.item_id,
        kind=state.kind,
        revision=_next(state),
        withdrawn_at=now,
        reason=reason,
    )
    said = sha256(reason.encode()).hexdigest()
    return _event(data, state.item_id, f"{data.revision}/{said}", now)


def _next(state: State | None) -> int:
    return state.revision + 1 if state else 1


def _event(data: EventData, item_id: str, key: str, now: datetime) -> Outgoing:
    identity = SubjectIdentity(type(data).__name__, item_id, f"{item_id}/{key}", now)
    return identity.record(ITEMS, data.model_dump_json().encode())
