"""What `cppp content` prints: results to stdout, one line each, so that they can be searched."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cli.content.folder.edition import Edition
from cli.content.publication.plan import Plan
from cli.content.publication.run import Published, Withdrawn
from cli.content.publication.topic import State
from shared.events.content import ITEMS, ItemPublished


def show_edition(edition: Edition) -> None:
    """Print every mistake, and what the folder has."""
    for each in edition.mistakes:
        print(each)
    for note in _fallbacks(edition):
        print(note)
    counts = Counter(each.folder.path.parts[0] for each in edition.items)
    listed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    _say(f"Items: {listed or 'none'}. Mistakes: {len(edition.mistakes)}.")


def _fallbacks(edition: Edition) -> Iterator[str]:
    for item in edition.items:
        for missing, shown in sorted(item.facts.fallback.items()):
            yield f"{item.folder.path}: note: readers of {missing} see {shown}."


def show_plan(plan: Plan) -> None:
    """Print what is to be done about which item."""
    _list("new", _named(plan.new))
    _list("changed", _named(plan.changed))
    _list("missing", _states(plan.missing))
    _list("withdrawn", (f"{each.kind} {each.item_id}: {each.reason}" for each in plan.withdrawn))


def show_published(result: Published) -> None:
    """Print what came of it, and what to do next."""
    plan, count = result.plan, len(result.plan.to_publish)
    if plan.missing:
        _say("Missing items are not in the folder and stay published: see `cppp content withdraw`.")
    if plan.withdrawn:
        _say("Withdrawn items are in the folder: remove them, or name them with --bring-back.")
    for each in result.unknown:
        _say(f"--bring-back {each}: Must be an item that was withdrawn.")
    if result.is_refused:
        _say("Nothing was published.")
    elif result.dry_run:
        _say(f"Nothing was published: this was a dry run. It would publish {count}.")
    else:
        done = count - len(result.overtaken)
        _say(f"Published {done} to {ITEMS.name}; unchanged: {len(plan.unchanged)}.")
    _show_overtaken(result.overtaken)


def show_left() -> None:
    """Say why --first-only has published nothing."""
    _say("Nothing was published: what is published already differs from this folder.")


def show_withdrawal(result: Withdrawn) -> None:
    """Print what was withdrawn, or why nothing was."""
    _list("withdraw", _states(result.items))
    for each in result.in_folder:
        _say(f"{each}: Must be removed from the folder first, or the next publication has it.")
    for each in result.unknown:
        _say(f"{each}: Must be the id of a published item.")
    if result.is_refused:
        _say("Nothing was withdrawn.")
    elif result.dry_run:
        _say("Nothing was withdrawn: this was a dry run.")
    else:
        _say(f"Withdrawn: {len(result.items) - len(result.overtaken)}.")
    _show_overtaken(result.overtaken)


def _show_overtaken(items: Sequence[str]) -> None:
    for each in items:
        _say(f"{each}: another editor changed it at the same time, and that holds.")
    if items:
        _say("Bring your folder up to date, then run the same command again.")


def _list(what: str, items: Iterable[str]) -> None:
    for each in items:
        print(f"{what}: {each}")


def _named(items: Iterable[ItemPublished]) -> Iterator[str]:
    return (f"{each.kind} {each.item_id}" for each in items)


def _states(states: Iterable[State]) -> Iterator[str]:
    ordered = sorted(states, key=lambda each: (each.kind, each.item_id))
    return (f"{each.kind} {each.item_id}" for each in ordered)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
