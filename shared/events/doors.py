"""The types of events as the doors read them: HTTP API and files.

What is on the topics stays readable as it is, so the types of events are as wide as they ever were.
`at_doors` derives the strict ones, in which the validator takes what the JSON schema takes:

* days and moments in the form of RFC 3339 (not digits that count seconds since 1970);
* decimal numbers in plain digits;
* lines of text with something visible in them, and without noncharacters;
* no fields that a model does not have;
* no values of an open list that this release does not know.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    EmailStr,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.events.values import ONE_LINE, ONE_VISIBLE_LINE, Extensible, Line, Percent

_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_ZONE: Final = "[Zz]|[+-][0-9]{2}:[0-9]{2}"


class _FullDate:
    """A day as RFC 3339 writes it; the validator alone takes digits, too."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _from_text(
            f"^{_DATE}$",
            core_schema.date_schema(strict=False),
            ("date_form", "Must be a valid date, such as 2027-01-31"),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class _DateTime:
    """A moment as RFC 3339 writes it; one without a time zone is told apart from other errors."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        read = _from_text(
            f"^{_DATE}[Tt]{_TIME}({_ZONE})?$",
            core_schema.datetime_schema(strict=False),
            ("datetime_form", "Must be a valid datetime, such as 2026-11-20T15:00:00+08:00"),
        )
        return core_schema.chain_schema([read, core_schema.datetime_schema(tz_constraint="aware")])

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


def _from_text(pattern: str, schema: CoreSchema, error: tuple[str, str]) -> CoreSchema:
    text = core_schema.str_schema(pattern=pattern, strict=True)
    kind, message = error
    return core_schema.custom_error_schema(
        core_schema.chain_schema([text, schema]), kind, custom_error_message=message
    )


Day = Annotated[date, _FullDate]
"""A day, as 2027-01-31."""

Moment = Annotated[AwareDatetime, _DateTime]
"""A moment with its time zone, as 2026-11-20T15:00:00+08:00."""

_PERCENT: Final = r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$"
_NUMBER_FORM: Final = "number_form"


class _PlainPercent:
    """A number, or one as text in plain digits; the validator alone takes `1e1` and `1_0`, too."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        read = {**handler(source), "strict": False}
        return core_schema.no_info_wrap_validator_function(cls._check, cast("CoreSchema", read))

    @staticmethod
    def _check(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        number = read(value)
        if isinstance(value, str) and not re.search(_PERCENT, value):
            raise PydanticCustomError(_NUMBER_FORM, "Must be a plain decimal number, such as 51.5")
        return number

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        number = {"type": "number", "minimum": 0, "maximum": 100}
        return {"anyOf": [number, {"type": "string", "pattern": _PERCENT}]}


_Address = Annotated[
    EmailStr,
    WithJsonSchema(
        {
            "type": "string",
            "format": "idn-email",
            "maxLength": 254,
            "pattern": r"^[!-;=?-~]+@[^\s<>@]+$",
            "description": "Only ASCII characters before the @.",
        }
    ),
]


def _digits_alone(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch("-?[0-9]+", value):
        raise PydanticCustomError(_NUMBER_FORM, "Must be a whole number in plain digits")
    return value


Digits = BeforeValidator(_digits_alone)
"""For a whole number that comes as text, in a query or a cell: takes no `1_0`, `+1` or `1.0`."""

_STRICT: Final[dict[Any, Any]] = {
    date: Day,
    AwareDatetime: Moment,
    EmailStr: _Address,
    Percent: Annotated[Percent, _PlainPercent],
}
_AS_THEY_ARE: Final = (str, int, bool, type(None))


def at_doors(kind: Any) -> Any:
    """Return the strict form of a type of the events: of a model, a subclass of the same name.

    Raises `TypeError` for a type whose strict form is not known, so that none is forgotten.
    """
    if kind in _STRICT:
        return _STRICT[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model(kind)
    if get_origin(kind) is Annotated:
        plain, *constraints = get_args(kind)
        if opened := [each for each in constraints if isinstance(each, Extensible)]:
            return opened[0].closed
        return Annotated[(at_doors(plain), *map(_constraint, constraints))]
    if get_origin(kind) in {Union, UnionType}:
        return Union[tuple(map(at_doors, get_args(kind)))]  # noqa: UP007  # of a tuple
    return _other(kind)


def _other(kind: Any) -> Any:
    if get_origin(kind) is tuple:
        inner = tuple(each if each is ... else at_doors(each) for each in get_args(kind))
        return GenericAlias(tuple, inner)
    if get_origin(kind) is Literal or kind in _AS_THEY_ARE or hasattr(kind, "__dataclass_fields__"):
        return kind
    msg = f"no strict form is known of {kind}"
    raise TypeError(msg)


def _constraint(constraint: Any) -> Any:
    if isinstance(constraint, StringConstraints) and constraint.pattern == ONE_LINE:
        return replace(constraint, pattern=ONE_VISIBLE_LINE)
    return constraint


@cache
def _line() -> TypeAdapter[str]:
    return TypeAdapter(at_doors(Line))


def is_line(text: str) -> bool:
    """Return whether the doors take a text as a line: for options of commands."""
    try:
        _line().validate_python(text, strict=True)
    except ValidationError:
        return False
    return True


@cache
def _model(kind: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = dict(_strict_fields(kind))
    return create_model(
        kind.__name__,
        __base__=kind,
        __module__=kind.__module__,
        __doc__=kind.__doc__,
        __cls_kwargs__={"extra": "forbid"},
        **fields,
    )


def _strict_fields(kind: type[BaseModel]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    hints = get_type_hints(kind, include_extras=True)
    for name, field in kind.model_fields.items():
        yield name, (at_doors(hints[name]), ... if field.is_required() else field.default)
