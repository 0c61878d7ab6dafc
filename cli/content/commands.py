"""`cppp content`: check, preview, publish and withdraw what editors write."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from cli.content.contents import checked_edition
from cli.content.display import show_edition, show_left, show_plan, show_published, show_withdrawal
from cli.content.folder.edition import Edition
from cli.content.link_check import dead_links
from cli.content.preview import write_preview
from cli.content.publication.publishing import Kafka
from cli.content.publication.run import Publishing, Withdrawal, publish_edition, withdraw_items
from cli.errors import exit_with_message
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings, unreachable
from cli.retry_policy import RetryPolicy
from shared.errors import TransientError
from shared.events.doors import is_line

ResultT = TypeVar("ResultT")
_PREVIEW: Final = Path("var/content-preview")

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="FOLDER")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and stop.")]
GiveUpAfter = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait while Kafka is down.")
]

content = typer.Typer(
    no_args_is_help=True, help="Check, show and publish what editors write: docs/content.md."
)


@content.command()
def check(
    folder: Folder,
    *,
    links: Annotated[bool, typer.Option("--links", help="Ask whether links are there.")] = False,
) -> None:
    """Name every mistake in FOLDER; without --links nothing is asked of the network."""
    edition = _read(folder)
    show_edition(edition)
    found = asyncio.run(dead_links(edition)) if links and not edition.mistakes else ()
    for each in found:
        print(each)
    raise typer.Exit(1 if edition.mistakes or found else 0)


@content.command()
def preview(
    folder: Folder,
    *,
    output: Annotated[Path, typer.Option(help="Where to write the pages.")] = _PREVIEW,
) -> None:
    """Render FOLDER as pages that a browser opens from the disk."""
    edition = _read(folder)
    try:
        index = write_preview(edition, output)
    except (OSError, ValueError) as error:
        exit_with_message(str(error))
    show_edition(edition)
    print(f"Open {index.absolute().as_uri()}")


@content.command()
def publish(  # noqa: PLR0913  # one parameter for each option
    folder: Folder,
    *,
    dry_run: DryRun = False,
    bring_back: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Publish an item that was withdrawn; repeatable."),
    ] = None,
    first_only: Annotated[
        bool,
        typer.Option("--first-only", help="Only if nothing but FOLDER was ever published."),
    ] = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
    give_up_after: GiveUpAfter = 60,
) -> None:
    """Publish what is new or changed in FOLDER, if all of it is valid.

    What is published and no longer in FOLDER is named and stays; `withdraw` takes it back.
    """
    edition = _valid(folder)
    options = Publishing(frozenset(bring_back or ()), dry_run, first_only)
    result = _run(kafka, lambda each: publish_edition(edition, each, options), give_up_after)
    if result.is_left:
        show_left()
        raise typer.Exit
    show_plan(result.plan)
    show_published(result)
    raise typer.Exit(0 if result.is_complete else 1)


@content.command()
def withdraw(  # noqa: PLR0913  # one parameter for each option
    folder: Folder,
    items: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why: on one line, for the record.")],
    missing: Annotated[
        bool, typer.Option("--missing", help="All that is published and not in FOLDER.")
    ] = False,
    dry_run: DryRun = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
    give_up_after: GiveUpAfter = 60,
) -> None:
    """Take back items that are published and no longer in FOLDER."""
    if not is_line(reason):
        msg = "Must be on one line of at most 200 characters, with something visible on it."
        raise typer.BadParameter(msg, param_hint="--reason")
    if bool(items) == missing:
        msg = "Must be the ids of items, or --missing for all that is not in FOLDER."
        raise typer.BadParameter(msg, param_hint="ID")
    edition = _valid(folder) if missing else _read(folder)
    options = Withdrawal(None if missing else frozenset(items or ()), reason, dry_run)
    result = _run(kafka, lambda each: withdraw_items(edition, each, options), give_up_after)
    show_withdrawal(result)
    raise typer.Exit(0 if result.is_complete else 1)


def _read(folder: Path) -> Edition:
    try:
        return checked_edition(folder)
    except OSError as error:
        exit_with_message(str(error))


def _valid(folder: Path) -> Edition:
    edition = _read(folder)
    if edition.mistakes:
        show_edition(edition)
        exit_with_message("Nothing was published. Correct the mistakes above first.")
    return edition


def _run(
    kafka: str, work: Callable[[Kafka], Coroutine[Any, Any, ResultT]], give_up_after: float
) -> ResultT:
    # The client logs each of its own retries; one line is enough.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    target = Kafka(kafka_settings(kafka), RetryPolicy(give_up_after, lambda: None))
    try:
        return asyncio.run(work(target))
    except TransientError:
        exit_with_message(unreachable(kafka))
