"""Form letters: a message is rendered once with blanks, which are filled in for each recipient.

Rendering a template costs many times what filling in its blanks does, and the letters of a
programme differ in little but names, numbers, days and amounts. Values that are not blanks belong
to the form: each combination of them has a form of its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any, Final

from markupsafe import escape
from typing_extensions import override

Writer = Callable[[Any], object]

BLANKS: Final = frozenset(
    {
        "name",
        "reference",
        "occurred_at",
        "received_at",
        "decided_at",
        "withdrawn_at",
        "grant_cents",
        "indicative_grant_cents",
        "eligible_cost_cents",
        "ceiling_cents",
        "requested_cents",
        "completed_on",
        "notice_ends_on",
        "certificate_number",
        "valid_from",
        "valid_to",
        "due_by",
        "finish_by",
    }
)
"""Values that templates only show, or test for being there: nothing else may depend on them."""

BLANK_LISTS: Final = frozenset({"reasons", "conditions"})
"""Lists of which a form depends on the length alone."""

_MARK: Final = re.compile("\x02([^\x03]*)\x03")


@dataclass(frozen=True, eq=False)
class Blank:
    """Stands for a value while a form is rendered; `writer` names the filter that it passed.

    Anything but showing it and testing its truth raises `TypeError`.
    """

    name: str
    position: int | None = None
    is_true: bool = True
    writer: str = ""

    def __bool__(self) -> bool:
        """Return the truth of the value that it stands for."""
        return self.is_true

    @override
    def __eq__(self, other: object) -> bool:
        msg = f"{self.name}: a template must not compare it, or it must be no blank"
        raise TypeError(msg)

    __hash__ = None  # type: ignore[assignment]  # nor look anything up by it

    @override
    def __str__(self) -> str:
        position = "" if self.position is None else self.position
        return f"\x02{self.name},{position},{self.writer}\x03"

    def __html__(self) -> str:
        """Return the mark; what is filled in is escaped then."""
        return str(self)


def shape_of(values: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what the form for these values depends on; values always come in the same order."""
    return tuple(
        [_SHAPES[name](value) if name in _SHAPES else value for name, value in values.items()]
    )


def _presence(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _items(value: Mapping[str, int] | None) -> object:
    return tuple(value.items()) if value else None


_SHAPES: Final[Mapping[str, Callable[[Any], object]]] = {
    **dict.fromkeys(BLANKS, _presence),
    **dict.fromkeys(BLANK_LISTS, len),
    "payment_percent": _items,
}


def with_blanks(values: Mapping[str, Any]) -> dict[str, Any]:
    """Replace values by blanks."""
    return {name: _blank(name, value) for name, value in values.items()}


def _blank(name: str, value: Any) -> Any:
    if name in BLANK_LISTS:
        return [Blank(name, position) for position in range(len(value))]
    return value if name not in BLANKS or value is None else Blank(name, is_true=bool(value))


class Form:
    """A rendered text with blanks."""

    def __init__(self, rendered: str) -> None:
        pieces = _MARK.split(rendered)
        self._constant = pieces[::2]
        self.marks: Sequence[str] = pieces[1::2]

    def filled(self, written: Mapping[str, str]) -> str:
        """Return the text with what is written for each blank."""
        filled = [written[each] for each in self.marks]
        return "".join(chain.from_iterable(zip_longest(self._constant, filled, fillvalue="")))


class FormLetter:
    """The parts of a message with blanks. `writers` are the filters of its language."""

    def __init__(self, subject: str, text: Form, html: Form, writers: Mapping[str, Writer]) -> None:
        self.subject = subject
        self.text = text
        self.html = html
        marks = {*text.marks, *html.marks}
        self._blanks = [(mark, *_parsed(mark, writers)) for mark in marks]

    def written(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what is written for each blank."""
        return {
            mark: str(write(values[name] if position is None else values[name][position]))
            for mark, name, position, write in self._blanks
        }


def _parsed(mark: str, writers: Mapping[str, Writer]) -> tuple[str, int | None, Writer]:
    name, position, writer = mark.split(",")
    return name, int(position) if position else None, writers.get(writer, str)


def escaped(written: Mapping[str, str]) -> dict[str, str]:
    """Escape what is filled into HTML."""
    return {mark: str(escape(value)) for mark, value in written.items()}


def blanks_passed(name: str, write: Writer) -> Writer:
    """Return a filter that leaves blanks to be filled in later."""

    def apply(value: Any) -> object:
        if isinstance(value, Blank):
            return str(replace(value, writer=name))
        return write(value)

    return apply
