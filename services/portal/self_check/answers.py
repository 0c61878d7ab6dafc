"""What a visitor has answered, as typed and as read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.portal.self_check.questions import Form, Question
from services.portal.self_check.typed import READ, TypedError

LONGEST_ANSWER: Final = 200
_MOST_VALUES: Final = 10
Typed = Mapping[str, Sequence[str]]
"""The fields of the form, each with all its values."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to a form. `errors` has the code of what is wrong by the question's name."""

    form: Form
    typed: Typed
    read: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """Return the body that `POST /v1/assessments` is asked with."""
        application: dict[str, Any] = {"stream": self.form.stream}
        if self.form.ground:
            application["connection"] = {"ground": self.form.ground}
        body: dict[str, Any] = {"application": application}
        for question in self.form.questions:
            if question.name in self.read:
                _set(body, question.pointer, self.read[question.name])
        return body


def read_answers(form: Form, typed: Typed) -> Answers:
    """Read the answers to the questions of a form; other fields are passed over."""
    kept = {e.name: _kept(typed.get(e.name, ())) for e in form.questions if typed.get(e.name)}
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in form.questions:
        try:
            value = _value(question, kept.get(question.name, ()))
        except TypedError as error:
            errors[question.name] = error.code
        else:
            if value is not None:
                read[question.name] = value
    if read.get("ends_on", "9") < read.get("starts_on", ""):
        errors["ends_on"] = "ends-before"
    return Answers(form, kept, read, errors)


def _kept(values: Sequence[str]) -> Sequence[str]:
    return [each[: LONGEST_ANSWER + 1] for each in values[:_MOST_VALUES]]


def _value(question: Question, typed: Sequence[str]) -> Any:
    """Return the value that is sent, or `None` if the question is left open."""
    given = [each for each in typed if each.strip()]
    if not given:
        if question.required:
            raise TypedError(code="missing")
        return None
    if question.kind == "choices":
        return [_offered(each, question.options) for each in dict.fromkeys(given)]
    if question.kind == "choice":
        return _offered(given[0], question.options)
    if question.kind == "yes-no":
        return _offered(given[0], ("yes", "no")) == "yes"
    return READ[question.kind](given[0])


def _offered(value: str, options: Sequence[str]) -> str:
    if value not in options:
        raise TypedError(code="missing")
    return value


def _set(body: dict[str, Any], pointer: str, value: Any) -> None:
    *parts, last = pointer.strip("/").split("/")
    for each in parts:
        body = body.setdefault(each, {})
    body[last] = value
