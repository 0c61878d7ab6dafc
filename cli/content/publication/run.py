"""One run of `publish` or `withdraw`: compares, publishes, and tells what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.content.contents import contents, ids_in
from cli.content.folder.edition import Edition
from cli.content.publication.plan import Plan, plan, published, withdrawn
from cli.content.publication.publishing import Kafka
from cli.content.publication.topic import State
from shared.clock import utc_now
from shared.events.content import ItemPublished


@dataclass(frozen=True, slots=True)
class Publishing:
    """What an editor orders beside the folder."""

    bring_back: frozenset[str] = frozenset()
    dry_run: bool = False
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: `overtaken` are items that another editor changed first.

    `is_left`: as ordered, nothing was published, because something else had been before.
    """

    plan: Plan
    dry_run: bool
    unknown: Sequence[str] = ()
    overtaken: Sequence[str] = ()
    is_left: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether nothing was published, because an order is missing or wrong."""
        return bool(self.plan.withdrawn or self.unknown)

    @property
    def is_complete(self) -> bool:
        """Whether everything is published as the folder has it, or would be."""
        return not self.is_refused and not self.overtaken


async def publish_edition(edition: Edition, kafka: Kafka, options: Publishing) -> Published:
    """Publish what has changed; raises `TransientError` while Kafka cannot be reached."""
    images, items = contents(edition)
    wanted, states = [*images, *items], await kafka.states()
    found = plan(wanted, states, options.bring_back)
    result = Published(
        found,
        options.dry_run,
        _not_withdrawn(options.bring_back, states),
        is_left=options.first_only and not _is_part(states, wanted),
    )
    if result.is_left or result.is_refused or options.dry_run:
        return result
    now = utc_now()
    events = [published(each, states, now) for each in found.to_publish]
    overtaken = await kafka.publish(events)
    return Published(found, dry_run=False, overtaken=overtaken)


def _is_part(states: Mapping[str, State], items: Sequence[ItemPublished]) -> bool:
    """Whether everything that was ever published is as the folder has it."""
    hashes = {each.item_id: each.content_hash for each in items}
    return all(hashes.get(item) == state.content_hash for item, state in states.items())


def _not_withdrawn(ids: frozenset[str], states: Mapping[str, State]) -> list[str]:
    return sorted(each for each in ids if not (each in states and states[each].is_withdrawn))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which items to withdraw, all that are not in the folder if none are named, and why."""

    items: frozenset[str] | None
    reason: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of it: `in_folder` and `unknown` are why nothing was withdrawn."""

    items: Sequence[State]
    dry_run: bool
    in_folder: Sequence[str] = ()
    unknown: Sequence[str] = ()
    overtaken: Sequence[str] = ()

    @property
    def is_refused(self) -> bool:
        """Whether nothing was withdrawn, because an id is wrong."""
        return bool(self.in_folder or self.unknown)

    @property
    def is_complete(self) -> bool:
        """Whether everything is withdrawn, or would be."""
        return not self.is_refused and not self.overtaken


async def withdraw_items(edition: Edition, kafka: Kafka, options: Withdrawal) -> Withdrawn:
    """Withdraw items; raises `TransientError` while Kafka cannot be reached.

    Named items need no folder without mistakes: what must not be shown should not wait for that.
    """
    there = ids_in(edition)
    states = await kafka.states()
    wanted = states.keys() - there if options.items is None else options.items
    chosen = [
        states[each]
        for each in sorted(wanted & states.keys() - there)
        if not states[each].is_withdrawn
    ]
    result = Withdrawn(
        chosen, options.dry_run, sorted(wanted & there), sorted(wanted - states.keys() - there)
    )
    if result.is_refused or options.dry_run:
        return result
    now = utc_now()
    overtaken = await kafka.publish([withdrawn(each, options.reason, now) for each in chosen])
    return Withdrawn(chosen, dry_run=False, overtaken=overtaken)
