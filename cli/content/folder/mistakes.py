"""What is wrong in a folder of content, as editors are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from pydantic import ValidationError
from typing_extensions import override

from shared.validation import broken_rule


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake: its file inside the folder, its line from 1, its field, and what to do.

    Line 0 is the file as a whole.
    """

    file: PurePosixPath
    line: int
    field: str
    rule: str

    @override
    def __str__(self) -> str:
        """Name the place as compilers do, so that editors of text can jump to it."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.field}: {self.rule}" if self.field else f"{place}: {self.rule}"


Path: TypeAlias = tuple[str | int, ...]
"""The way to a field, as in `("figures", 0, "unit")`."""

Breach: TypeAlias = tuple[Path, str]
"""A field, and the rule that it breaks."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and the lines of its fields."""

    file: PurePosixPath
    lines: Mapping[Path, int]
    first_line: int = 0

    def mistake(self, path: Path, rule: str) -> Mistake:
        """Return a mistake in a field, at the line of it or of what it is in."""
        known = (path[:end] for end in range(len(path), -1, -1))
        line = next((self.lines[each] for each in known if each in self.lines), self.first_line)
        return Mistake(self.file, line, written(path), rule)

    def mistakes(self, breaches: Iterable[Breach]) -> list[Mistake]:
        """Return the mistakes in several fields."""
        return [self.mistake(*each) for each in breaches]

    def invalid(self, error: ValidationError) -> list[Mistake]:
        """Return every mistake that validation has found."""
        errors = error.errors()
        return self.mistakes(
            (_path(each["loc"]), _rule(each)) for each in errors if not _follows(each, errors)
        )


def written(path: Path) -> str:
    """Write the way to a field as `figures[1].unit`; lists count from 1."""
    text = "".join(f"[{each + 1}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


def _follows(error: Any, errors: Sequence[Any]) -> bool:
    """Return whether a list is found too short because its entries are wrong."""
    inside = len(error["loc"])
    return error["type"] == "too_short" and any(
        each["loc"][:inside] == error["loc"] for each in errors if each is not error
    )


def _path(location: Sequence[str | int]) -> Path:
    return tuple(each for each in location if each != "[key]")  # the name itself is wrong


def _rule(error: Any) -> str:
    if error["type"] in {"dict_type", "model_type", "model_attributes_type"}:
        return "Must be fields with values, such as `name: value`."
    return broken_rule(error)
