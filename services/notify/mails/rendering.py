"""Renders a message: subject, plain text and HTML, in the recipient's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final, get_args

from jinja2 import Template

from services.notify.mails.catalogues import load_texts
from services.notify.mails.formatting import sentences
from services.notify.mails.forms import Form, FormLetter, escaped, shape_of, with_blanks
from services.notify.mails.labels import PROGRAMME
from services.notify.mails.templating import Part, filters, template_environment
from services.notify.model import About, Details, Notification
from shared.calendars import Calendar, YearNotCoveredError, deadline
from shared.clock import hong_kong_date
from shared.events.envelope import Language
from shared.events.notify import Template as TemplateName
from shared.references import reference_of

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_RECEIPTS: Final[frozenset[About]] = frozenset({"received", "amended"})
_DETAILS: Final = tuple(each.name for each in fields(Details))
_details: Final = attrgetter(*_DETAILS)
_MOST_LETTERS: Final = 1_000  # far more than there are
ANSWERS_BY: Final[Calendar] = "hong-kong"


@dataclass(frozen=True, slots=True)
class Enquiries:
    """The contact for enquiries; the telephone number is optional."""

    email: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as its recipient sees it."""

    subject: str
    text: str
    html: str
    reference: str


class Renderer:
    """Renders messages. Loads all templates and texts at start, so that a mistake shows then."""

    def __init__(self, enquiries: Enquiries, answer_working_days: int | None = None) -> None:
        self._enquiries = enquiries
        self._answer_working_days = answer_working_days
        texts = {language: load_texts(language) for language in LANGUAGES}
        self.sender_names = {language: texts[language][PROGRAMME] for language in LANGUAGES}
        self._writers = {language: filters(language, texts[language]) for language in LANGUAGES}
        self._letters: dict[tuple[object, ...], FormLetter] = {}
        self._templates = {
            (part, language): _templates(part, language, texts[language])
            for part in get_args(Part)
            for language in LANGUAGES
        }

    def write(self, notification: Notification, name: str, language: Language) -> RenderedMessage:
        """Render a notification for `name`; the same arguments always give the same message."""
        reference = reference_of(notification.application_id)
        values = {
            "name": name,
            "reference": reference,
            "version": notification.version,
            "occurred_at": notification.occurred_at,
            **_values(notification.details, language),
            **self._answer_due(notification),
        }
        letter = self._letter(notification.template, language, values)
        written = letter.written(values)
        text = _BLANK_LINES.sub("\n\n", letter.text.filled(written)).strip() + "\n"
        return RenderedMessage(
            letter.subject, text, letter.html.filled(escaped(written)), reference
        )

    def _letter(
        self, template: TemplateName, language: Language, values: Mapping[str, Any]
    ) -> FormLetter:
        key = (template, language, shape_of(values))
        letter = self._letters.get(key)
        if letter is None:
            if len(self._letters) >= _MOST_LETTERS:
                self._letters.clear()
            letter = self._letters[key] = self._draw_up(template, language, with_blanks(values))
        return letter

    def _draw_up(
        self, template: TemplateName, language: Language, values: Mapping[str, Any]
    ) -> FormLetter:
        text = self._templates["text", language][template]
        html = self._templates["html", language][template]
        subject = _subject(text)
        all_values = {**values, "subject": subject, "enquiries": self._enquiries}
        writers = self._writers[language]
        forms = Form(text.render(all_values)), Form(html.render(all_values))
        return FormLetter(subject, *forms, writers)

    def _answer_due(self, notification: Notification) -> dict[str, object]:
        """Return the day by which an answer follows a receipt, in working days of Hong Kong."""
        if notification.about not in _RECEIPTS or self._answer_working_days is None:
            return {}
        return {
            "due_working_days": self._answer_working_days,
            "due_calendar": ANSWERS_BY,
            "due_by": _last_day(notification.occurred_at, self._answer_working_days),
        }


def _last_day(since: datetime, working_days: int) -> date | None:
    try:
        return deadline(hong_kong_date(since), working_days, ANSWERS_BY).day
    except YearNotCoveredError:
        return None  # the message then names no day; it is never guessed


def _templates(
    part: Part, language: Language, texts: Mapping[str, str]
) -> Mapping[TemplateName, Template]:
    environment = template_environment(part, language, texts)
    return {name: environment.get_template(f"{name}.j2") for name in get_args(TemplateName)}


@cache
def _subject(template: Template) -> str:
    return "".join(template.blocks["subject"](template.new_context())).strip()


def _values(details: Details, language: Language) -> dict[str, object]:
    return {
        **dict(zip(_DETAILS, _details(details), strict=True)),
        "reasons": sentences(details.reasons, language),
        "conditions": sentences(details.conditions, language),
    }
