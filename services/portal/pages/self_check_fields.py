"""The questions of the self-check as the components of a form, and the answers as rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.portal.self_check.answers import Answers
from services.portal.self_check.questions import Question
from services.portal.web import formats
from services.portal.web.page import Page

Params = Mapping[str, Any]
_RADIOS_AT_MOST: Final = 4  # more are a list to choose from
_WIDTHS: Final = {"percent": "5", "whole": "3", "line": "20"}
_MODES: Final = {"money": "decimal", "percent": "decimal", "whole": "numeric"}


def fields(answers: Answers, page: Page) -> Mapping[str, tuple[str, Params]]:
    """Return the component and its parameters for each question, by its name."""
    return {each.name: _field(each, answers, page) for each in answers.form.questions}


def error_list(answers: Answers, page: Page) -> Sequence[Params]:
    """Return the links of the error summary, in the order of the page."""
    wrong = [each for each in answers.form.as_shown if each.name in answers.errors]
    return [{"href": f"#{e.name}", "text": _error(e, answers, page)} for e in wrong]


def is_unfolded(answers: Answers) -> bool:
    """Return whether a question that may be left open is answered, or answered wrongly."""
    may_be_open = {each.name for each in answers.form.questions if each.is_folded}
    typed = {name for name, values in answers.typed.items() if any(map(str.strip, values))}
    return not may_be_open.isdisjoint(typed | answers.errors.keys())


def answer_rows(answers: Answers, page: Page) -> Sequence[tuple[str, str]]:
    """Return the questions with their answers; those that were left open say so."""
    return [(label(each, page), _answer(each, answers, page)) for each in answers.form.questions]


def label(question: Question, page: Page) -> str:
    """Return the question in words."""
    return page.word(f"ask.{question.key}")


def _error(question: Question, answers: Answers, page: Page) -> str:
    code = answers.errors[question.name]
    if code == "missing" and not question.options and question.kind != "yes-no":
        code = "missing-text"
    return page.word(f"wrong.{code}", question=label(question, page))


def _field(question: Question, answers: Answers, page: Page) -> tuple[str, Params]:
    own: dict[str, Any] = {"name": question.name}
    if page.has_word(f"hint.{question.key}"):
        own["hint"] = {"text": page.word(f"hint.{question.key}")}
    if question.name in answers.errors:
        own["errorMessage"] = {
            "text": _error(question, answers, page),
            "visuallyHiddenText": page.word("self-check.error"),
        }
    typed = answers.typed.get(question.name, ())
    if question.kind in {"choice", "yes-no", "choices"}:
        return _choosing(question, own, typed, page)
    return "input", {**own, **_typing(question, typed, page)}


def _choosing(
    question: Question, own: Params, typed: Sequence[str], page: Page
) -> tuple[str, Params]:
    items = [{"value": value, "text": text} for value, text in _options(question, page)]
    if question.kind == "choices":
        return "checkboxes", {**own, **_legend(question, page), "items": items, "values": typed}
    value = typed[0] if typed else ""
    if len(question.options) > _RADIOS_AT_MOST:
        first = "self-check.choose" if question.required else "self-check.not-sure"
        items = [{"value": "", "text": page.word(first)}, *items]
        named = {"id": question.name, "label": _text(question, page)}
        return "select", {**own, **named, "items": items, "value": value}
    if not question.required:
        items.append({"value": "", "text": page.word("self-check.not-sure")})
    inline = {"classes": "govuk-radios--inline"} if question.kind == "yes-no" else {}
    return "radios", {**own, **_legend(question, page), **inline, "items": items, "value": value}


def _options(question: Question, page: Page) -> Sequence[tuple[str, str]]:
    if question.kind == "yes-no":
        return [(each, page.word(f"self-check.{each}")) for each in ("yes", "no")]
    return [(each, page.named(question.names, each)) for each in question.options]


def _typing(question: Question, typed: Sequence[str], page: Page) -> Params:
    prefix = {"prefix": {"text": "HK$"}} if question.kind == "money" else {}
    suffix = {"suffix": {"text": "%"}} if question.kind == "percent" else {}
    mode = {"inputmode": _MODES[question.kind]} if question.kind in _MODES else {}
    return {
        "id": question.name,
        "label": _text(question, page),
        "value": typed[0] if typed else "",
        "classes": f"govuk-input--width-{_WIDTHS.get(question.kind, '10')}",
        "autocomplete": "off",
        "spellcheck": False,
        **prefix,
        **suffix,
        **mode,
    }


def _text(question: Question, page: Page) -> Params:
    text = label(question, page)
    if not question.required:
        text = page.word("self-check.optional", question=text)
    return {"text": text, "classes": "govuk-label--s"}


def _legend(question: Question, page: Page) -> Params:
    classes = {"classes": "govuk-fieldset__legend--s"}
    return {"fieldset": {"legend": {**_text(question, page), **classes}}}


def _answer(question: Question, answers: Answers, page: Page) -> str:
    value = answers.read.get(question.name)
    if value is None:
        return page.word("self-check.today" if question.name == "as_of" else "self-check.left-open")
    return _WRITTEN.get(question.kind, _as_it_is)(value, question, page)


def _as_it_is(value: Any, _question: Question, _page: Page) -> str:
    return str(value)


def _names(values: Sequence[str], question: Question, page: Page) -> str:
    return page.word("self-check.and").join(page.named(question.names, each) for each in values)


_WRITTEN: Final[Mapping[str, Callable[[Any, Question, Page], str]]] = {
    "choice": lambda value, question, page: page.named(question.names, value),
    "choices": _names,
    "day": lambda value, _, page: formats.day(date.fromisoformat(value), page.language),
    "money": lambda value, _, page: formats.cents(value, page.language),
    "percent": lambda value, *_: f"{value}%",
    "yes-no": lambda value, _, page: page.word("self-check.yes" if value else "self-check.no"),
}
