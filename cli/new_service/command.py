"""`cppp new-service`: make a service that works at once."""

import sys
from typing import Annotated, Any

import typer

from cli.new_service.checks import checked_name, free_port
from cli.new_service.rendering import add_service
from cli.new_service.topics import answers_about, checked_topics, topic_names

_NEXT = """\
Made {count} new files, and a service that works. Say what it is for in rules.py and handlers.py.

  Test it      .venv/bin/python -m pytest tests/{name}
  Describe it  make docs: `make test` compares the generated pages with all services
  Run it       make run, then http://127.0.0.1:{port}{path}

Adding it to what runs, and all else: docs/adding-a-service.md. The files:"""


def new_service(  # noqa: PLR0913 - one parameter for each option
    name: Annotated[str, typer.Argument(callback=checked_name, help="One word in small letters.")],
    *,
    reads: Annotated[list[str] | None, typer.Option(help="A topic; may be repeated.")] = None,
    store: Annotated[bool | None, typer.Option(help="Keep something in MongoDB.")] = None,
    publishes: Annotated[bool | None, typer.Option(help="Publish events of its own.")] = None,
    page: Annotated[bool | None, typer.Option(help="Show a page.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1024, max=65_535, help="By default the next free one.")
    ] = None,
) -> None:
    """Make a new service that reads topics, and asks for what the options leave open.

    Without a terminal it asks nothing: then a service stores, publishes nothing and has no page.
    """
    topics = checked_topics(reads or _asked_topics())
    answers: dict[str, Any] = {
        "name": name,
        "reads": answers_about(topics),
        "store": _answer(store, "Does it keep anything in MongoDB?", default=True),
        "publishes": _answer(publishes, "Does it publish events of its own?", default=False),
        "page": _answer(page, "Does it show a page?", default=False),
        "port": free_port(port),
    }
    if port and port != answers["port"]:
        typer.echo(f"Port {port} is taken by another part: {answers['port']} is used instead.")
    files = add_service(answers)
    path = "/" if answers["page"] else "/readyz"
    typer.echo(_NEXT.format(count=len(files), name=name, port=answers["port"], path=path))
    for each in files:
        typer.echo(f"  {each}")


def _asked_topics() -> list[str]:
    if not sys.stdin.isatty():
        return []
    typer.echo("Topics: " + ", ".join(topic_names()))
    answer: str = typer.prompt("Which does it read (with commas between)?")
    return [each.strip() for each in answer.split(",") if each.strip()]


def _answer(given: bool | None, question: str, *, default: bool) -> bool:  # noqa: FBT001 - an answer
    if given is not None:
        return given
    return typer.confirm(question, default=default) if sys.stdin.isatty() else default
