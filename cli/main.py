"""The `cppp` command: one module per subcommand, put together here."""

import typer

from cli.dead_letters.commands import dead_letters
from cli.demo import demo
from cli.import_rulings.command import import_rulings
from cli.orphans import orphans
from cli.status import status
from cli.submit.command import submit
from cli.up import up

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """Run the cleaner production platform, and work with it."""


app.command()(up)
app.command()(demo)
app.command()(submit)
app.command()(status)
app.command()(import_rulings)
app.command()(orphans)
app.add_typer(dead_letters, name="dead-letters")

if __name__ == "__main__":
    app()
