"""Finds flaws in untrusted JSON that parsers accept, or reject without naming the field.

Repeated names in one object, unpaired surrogates, raw control characters, absurdly long numbers,
excessive nesting, and the one text-direction mark that the pattern of `shared.events.values.Line`
does not cover.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_DEEPEST: Final = 32
_POINTER_PARTS_AT_MOST: Final = 8
_NAME_CHARACTERS_AT_MOST: Final = 60
_DIGITS_AT_MOST: Final = 400
_ARABIC_LETTER_MARK: Final = "\u061c"
_FORBIDDEN: Final = re.compile(f"[\x00-\x1f{_ARABIC_LETTER_MARK}\ud800-\udfff]")
_SUSPECT: Final = re.compile(rb"\\u061[cC]|\xd8\x9c")
_TOKENS: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|([\[{])|([\]}])|(,)', re.DOTALL)

_REPEATED: Final = "Must appear once: keep one of them."
_TOO_DEEP: Final = "Must not be nested so deeply."
_TOO_LONG: Final = f"Must be a number of at most {_DIGITS_AT_MOST} digits."
_SURROGATE: Final = "Must not contain half of a surrogate pair (\\ud800 to \\udfff)."
_CONTROL: Final = (
    "Must be on one line, without control characters or marks that change its direction."
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw: the JSON pointer (RFC 6901) of the value, and the rule that it breaks."""

    pointer: str
    rule: str


class _Object(list[tuple[str, Any]]):
    """A JSON object with all its members, repeated names included."""


class _OverlongNumber:
    """Marks a number that is too long."""


def pointer_part(name: str) -> str:
    """Return a name as a part of a JSON pointer, truncated because the name is untrusted."""
    printable = name[:_NAME_CHARACTERS_AT_MOST].encode(errors="replace").decode()
    return "/" + printable.replace("~", "~0").replace("/", "~1")


def may_be_flawed(body: bytes) -> bool:
    """Return quickly whether `flaws` must check JSON that a strict parser has accepted.

    Flaws that such a parser rejects are not checked again, nor are escaped control characters,
    which the validation of the fields covers.
    """
    if _SUSPECT.search(body):
        return True
    try:
        _ONCE.decode(body.decode())
    except (ValueError, RecursionError):
        return True
    return False


def _once(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) != len(members):
        raise ValueError


_ONCE: Final = json.JSONDecoder(object_pairs_hook=_once)


def flaws(body: bytes) -> Sequence[Flaw]:
    """Return every flaw; none if the body is not JSON even with its flaws ignored."""
    try:
        text = body.decode()
        too_deep = _too_deep(text)
        return [too_deep] if too_deep else list(_flaws_in("", _DECODER.decode(text)))
    except ValueError:
        return []


def _number(text: str) -> _OverlongNumber | None:
    return _OverlongNumber() if len(text) > _DIGITS_AT_MOST else None


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_Object, parse_int=_number, parse_float=_number, strict=False
)


def _flaws_in(pointer: str, value: Any) -> Iterator[Flaw]:
    if isinstance(value, str):
        yield from _flaws_of_text(pointer, value)
    elif isinstance(value, _OverlongNumber):
        yield Flaw(pointer, _TOO_LONG)
    elif isinstance(value, _Object):
        yield from _flaws_of_names(pointer, value)
    for part, each in _inside(value):
        yield from _flaws_in(pointer + pointer_part(part), each)


def _inside(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, _Object):
        return value
    return [(str(n), each) for n, each in enumerate(value)] if isinstance(value, list) else ()


def _flaws_of_text(pointer: str, text: str) -> Iterator[Flaw]:
    if found := _FORBIDDEN.search(text):
        yield Flaw(pointer, _SURROGATE if found[0] >= "\ud800" else _CONTROL)


def _flaws_of_names(pointer: str, members: _Object) -> Iterator[Flaw]:
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            yield Flaw(pointer + pointer_part(name), _REPEATED)
        yield from _flaws_of_text(pointer + pointer_part(name), name)
        seen.add(name)


def _too_deep(text: str) -> Flaw | None:
    """Find the first value beyond the deepest level; without recursion, as it may be any depth."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return None
    place = _Place()
    for token in _TOKENS.finditer(text):
        place.read(token)
        if len(place.parts) > _DEEPEST:
            return Flaw(place.pointer(), _TOO_DEEP)
    return None


class _Place:
    """Where a reader of JSON is: a name or a number for each level."""

    def __init__(self) -> None:
        self.parts: list[str | int] = []

    def read(self, token: re.Match[str]) -> None:
        """Go on by one token."""
        string, is_name, opening, closing, _comma = token.groups()
        if string:
            if is_name and self.parts:
                self.parts[-1] = string[1:-1]
        elif opening:
            self.parts.append(0 if opening == "[" else "")
        elif closing:
            del self.parts[-1:]
        elif self.parts and isinstance(self.parts[-1], int):
            self.parts[-1] += 1

    def pointer(self) -> str:
        """Point to the field; what is nested in it beyond that is cut off."""
        return "".join(pointer_part(str(each)) for each in self.parts[:_POINTER_PARTS_AT_MOST])
