"""Show a message as its recipient gets it.

`python -m services.notify.preview --template eligible --language zh-Hant [--part text|html|both]`
"""

from typing import Annotated, Literal

import typer

from services.notify.mails.rendering import Enquiries, Renderer
from services.notify.mails.samples import sample_notification, sample_recipient
from services.notify.settings import NotifySettings
from shared.events.envelope import Language
from shared.events.notify import Template

app = typer.Typer(add_completion=False)


@app.command()
def preview(
    *,
    template: Annotated[Template, typer.Option(help="The kind of message.")],
    language: Annotated[Language, typer.Option(help="The language of the recipient.")],
    part: Annotated[
        Literal["text", "html", "both"], typer.Option(help="The part to show.")
    ] = "both",
) -> None:
    """Print a sample of one message."""
    settings = NotifySettings()
    enquiries = Enquiries(settings.enquiries_email, settings.enquiries_telephone)
    renderer = Renderer(enquiries, settings.answer_working_days)
    recipient = sample_recipient(language)
    message = renderer.write(sample_notification(template), recipient.name, recipient.language)
    parts = {"text": f"{message.subject}\n\n{message.text}", "html": message.html}
    shown = parts.values() if part == "both" else [parts[part]]
    typer.echo("\n".join(shown))


if __name__ == "__main__":
    app()
