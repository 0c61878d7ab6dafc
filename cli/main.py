"""The `cppp` command, assembled from one module per subcommand."""

import typer

from cli.content.commands import content
from cli.dead_letters.commands import dead_letters
from cli.demo import demo
from cli.import_rulings.command import import_rulings
from cli.lag.command import lag
from cli.new_service.command import new_service
from cli.orphans import orphans
from cli.status import status
from cli.submit.command import submit
from cli.trace.command import trace
from cli.up import up
from services.notify.resending.commands import mails

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """Run and operate the cleaner production platform."""


app.command()(up)
app.command()(demo)
app.command()(submit)
app.command()(status)
app.command()(trace)
app.command()(import_rulings)
app.command()(lag)
app.command()(orphans)
app.command()(new_service)
app.add_typer(content, name="content")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(mails, name="mails")

if __name__ == "__main__":
    app()
