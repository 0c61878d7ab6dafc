"""Reads a JSON body as a door does: strictly, naming every wrong field and the rule it breaks."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from shared.events.doors import at_doors
from shared.files.form import form_of
from shared.http.field_errors import field_errors, unions_of
from shared.http.json_bodies import malformed_json, not_utf8
from shared.http.json_flaws import flaws
from shared.http.problems import FieldError, Problem

ModelT = TypeVar("ModelT", bound=BaseModel)

_SPACED_COLONS: Final = (b" :", b"\t:", b"\n:", b"\r:")
_FLAWS_AT_MOST: Final = 100


def invalid_fields(errors: Sequence[FieldError]) -> Problem:
    """Return the problem for fields that break their rules."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-application",
        "Correct the fields named in `errors` and send the application again.",
        errors,
    )


class BodyReader(Generic[ModelT]):
    """Reads bodies as the strict form of a type of the events, see `shared.events.doors`."""

    def __init__(self, kind: type[ModelT]) -> None:
        strict = at_doors(kind)
        self.adapter: TypeAdapter[ModelT] = TypeAdapter(strict)
        self._unions = unions_of(self.adapter.json_schema())
        self._models = frozenset(_models_in(strict))

    def read(self, body: bytes) -> ModelT:
        """Parse a body; raises `Problem` with every wrong field and the rule that it breaks."""
        try:
            read = self.adapter.validate_json(body)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            raise self._problem(body, details) from None
        if self._may_be_flawed(body, read) and (found := _flaws(body)):
            raise invalid_fields(found)
        return read

    def _may_be_flawed(self, body: bytes, read: BaseModel) -> bool:
        """Return quickly whether `flaws` must check a body that the validator has accepted.

        Of two equal names the validator takes the last, so there are more names than fields set.
        Names are counted by the characters after them; where texts or spaces mislead this, `flaws`
        decides.
        """
        names = body.count(b'":')
        if body.count(b":") != names and any(each in body for each in _SPACED_COLONS):
            return True
        return names != self._fields_set(read)

    def _fields_set(self, model: BaseModel) -> int:
        """Return the number of fields that are set in a model and in the models inside it."""
        count, models = 0, [model]
        for each in models:  # grows while it is read
            count += len(each.__pydantic_fields_set__)
            for value in each.__dict__.values():
                items = value if value.__class__ is tuple else (value,)
                models += [item for item in items if item.__class__ in self._models]
        return count

    def _problem(self, body: bytes, errors: Sequence[ErrorDetails]) -> Problem:
        found = _flaws(body)
        if errors[0]["type"] == "json_invalid":
            if form := form_of(body):
                return not_utf8(form)
            return invalid_fields(found) if found else malformed_json(errors[0]["ctx"]["error"])
        wrong = field_errors(errors, self._unions)
        pointers = {each.pointer for each in wrong}
        return invalid_fields([*wrong, *(each for each in found if each.pointer not in pointers)])


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Return every model type that a model may contain, at any depth."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for each in kind.model_fields.values():
            yield from _models_in(each.annotation)
    for part in get_args(kind):
        yield from _models_in(part)


def _flaws(body: bytes) -> list[FieldError]:
    return [FieldError(each.pointer, each.rule) for each in flaws(body)[:_FLAWS_AT_MOST]]
