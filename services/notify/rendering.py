"""What a message says: its subject, its plain text and its page, in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Final, get_args

from jinja2 import Template

from services.notify.catalogues import load_texts
from services.notify.labels import PROGRAMME
from services.notify.notification import Details, Notification
from services.notify.templating import Part, template_environment
from shared.events.envelope import Language
from shared.events.notify import Template as TemplateName

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Enquiries:
    """Whom readers may ask; without a telephone only the address is named."""

    email: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its reader sees it."""

    subject: str
    text: str
    html: str


class Letters:
    """Writes letters. All templates and texts are read at once, so a mistake shows at start."""

    def __init__(self, enquiries: Enquiries) -> None:
        self._enquiries = enquiries
        texts = {language: load_texts(language) for language in LANGUAGES}
        self.sender_names = {language: texts[language][PROGRAMME] for language in LANGUAGES}
        self._templates = {
            (part, language): _templates(part, language, texts[language])
            for part in get_args(Part)
            for language in LANGUAGES
        }

    def write(self, notification: Notification, name: str, language: Language) -> Letter:
        """Write to `name` about a notification; the same arguments always give the same letter."""
        text = self._templates["text", language][notification.template]
        html = self._templates["html", language][notification.template]
        values = {
            "subject": _subject(text),
            "name": name,
            "application_id": notification.application_id,
            "version": notification.version,
            "occurred_at": notification.occurred_at,
            "enquiries": self._enquiries,
            **_values(notification.details),
        }
        plain = _BLANK_LINES.sub("\n\n", text.render(values)).strip() + "\n"
        return Letter(_subject(text), plain, html.render(values))


def _templates(
    part: Part, language: Language, texts: Mapping[str, str]
) -> Mapping[TemplateName, Template]:
    environment = template_environment(part, language, texts)
    return {name: environment.get_template(f"{name}.j2") for name in get_args(TemplateName)}


@cache
def _subject(template: Template) -> str:
    return "".join(template.blocks["subject"](template.new_context())).strip()


def _values(details: Details) -> dict[str, object]:
    return {each.name: getattr(details, each.name) for each in fields(details)}
