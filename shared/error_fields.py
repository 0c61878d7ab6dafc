"""Errors as fields of a log line: their kinds and stacks, without their texts.

The text of an error may hold personal data: a database's has the document, a mail server's the
address, a parser's the input.
"""

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path
from traceback import FrameSummary, StackSummary, extract_tb
from typing import Any, Final

_PROJECT: Final = str(Path(__file__).parents[1])
_PACKAGES: Final = "site-packages"


def error_fields(error: BaseException) -> dict[str, Any]:
    """Return the kind of an error, those that caused it, and where they were raised."""
    errors = list(_with_causes(error))
    kinds = [type(each).__name__ for each in errors]
    codes = [errno.errorcode.get(each.errno or 0, "") for each in _of_system(errors)]
    return {
        "error": kinds[0],
        "caused_by": kinds[1:],
        **({"errno": codes[0]} if any(codes) else {}),
        "stack": "".join(stack_text(extract_tb(each.__traceback__)) for each in errors),
    }


def stack_text(frames: StackSummary) -> str:
    """Return a stack as Python writes it, with paths from the project's or the packages' folder."""
    return "".join(StackSummary.from_list([_shortened(each) for each in frames]).format())


def place(path: str) -> str:
    """Return the path of a source file from the project's or the packages' folder."""
    if path.startswith(_PROJECT) and _PACKAGES not in path:
        return path.removeprefix(_PROJECT).lstrip("/")
    parts = Path(path).parts
    if _PACKAGES in parts:
        return "/".join(parts[parts.index(_PACKAGES) + 1 :])
    return "/".join(parts[-2:])


def _shortened(frame: FrameSummary) -> FrameSummary:
    return FrameSummary(place(frame.filename), frame.lineno, frame.name, line=frame.line)


def _of_system(errors: Sequence[BaseException]) -> list[OSError]:
    return [each for each in errors if isinstance(each, OSError)]


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    left = [error] if error else []
    while left:
        each = left.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        cause = each.__cause__ or each.__context__
        left = [*members, *([cause] if cause else []), *left]
