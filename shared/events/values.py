"""Types of values that several events use: lines of text, amounts, shares, open lists."""

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import Field, StringConstraints, WithJsonSchema

KnownT = TypeVar("KnownT", bound=str)

# No control characters, line breaks or text-direction marks: these lines appear in mail headers,
# tables and reports.
_NEVER: Final = r"\p{Cc}\p{Zl}\p{Zp}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}"
ONE_LINE: Final = rf"^[^{_NEVER}]*[^{_NEVER}\s][^{_NEVER}]*$"

# Not visible: spaces, format characters, marks without a letter, fillers and blanks, and private
# use, which no font is sure to show. A noncharacter is in no text at all.
_UNSEEN: Final = r"\p{Z}\p{Cf}\p{Co}\p{M}\p{Default_Ignorable_Code_Point}\u{2800}\u{fffc}\u{1d159}"
_NEVER_AT_DOORS: Final = rf"{_NEVER}\u{{61c}}\p{{Noncharacter_Code_Point}}"
ONE_VISIBLE_LINE: Final = (
    rf"^[^{_NEVER_AT_DOORS}]*[^{_NEVER_AT_DOORS}{_UNSEEN}][^{_NEVER_AT_DOORS}]*$"
)
"""What doors ask of a line (`shared.events.doors`): something visible. Readers ask `ONE_LINE`."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
"""Up to 200 characters on one line, not all of them spaces."""

Cents = Annotated[int, Field(gt=0, le=100_000_000_000)]
"""Hong Kong cents; at most HK$1,000 million, far above any project of the Programme."""

RegistrationNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{8,20}$")]

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]


def _is_not_stated(value: Any) -> bool:
    return value is None or value == ()


LATER: Final[Any] = Field(exclude_if=_is_not_stated)
"""Marks an optional field that an event gained later: JSON leaves it out while it is not stated.

So whatever is older than the field, such as a stored decision, keeps its bytes.
"""


class Extensible(WithJsonSchema):
    """Marks a text as an open list: `values`, and others that later releases may add.

    A reader must expect any text, and reads one that it does not know as not stated: see `known`.
    """

    def __init__(self, values: object) -> None:
        super().__init__({"type": "string", "x-extensible-enum": [*get_args(values)]})
        self.closed = values


def known(value: str | None, values: Collection[KnownT]) -> KnownT | None:
    """Return the value of an open list if it is among those that this release knows."""
    return next((each for each in values if each == value), None)
