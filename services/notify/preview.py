"""Show a message as its recipient gets it.

`python -m services.notify.preview --template eligible --language zh-Hant [--part text|html|both]`
"""

import argparse
import sys
from collections.abc import Sequence
from typing import get_args

from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from services.notify.mails.samples import sample_notification, sample_recipient
from services.notify.settings import NotifySettings
from shared.events.notify import Template


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a sample of one message; wrong arguments end with a usage line and code 2."""
    chosen = _parser().parse_args(arguments)
    settings = NotifySettings()
    enquiries = Enquiries(settings.enquiries_email, settings.enquiries_telephone)
    renderer = Renderer(enquiries, settings.answer_working_days)
    recipient = sample_recipient(chosen.language)
    message = renderer.write(
        sample_notification(chosen.template), recipient.name, recipient.language
    )
    parts = {"text": f"{message.subject}\n\n{message.text}", "html": message.html}
    shown = parts.values() if chosen.part == "both" else [parts[chosen.part]]
    sys.stdout.write("\n".join(shown) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m services.notify.preview")
    parser.add_argument("--template", required=True, choices=get_args(Template))
    parser.add_argument("--language", required=True, choices=LANGUAGES)
    parser.add_argument("--part", default="both", choices=("text", "html", "both"))
    return parser


if __name__ == "__main__":
    main()
