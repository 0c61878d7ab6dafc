"""How commands name the lines of a file that repeat an earlier one."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

_LISTED: Final = 20


def repeated_lines(repeated: Mapping[int, int], count: int | None = None) -> str:
    """Name repeated lines, each with the first line of the same content.

    State `count` if there are more of them than in `repeated`.
    """
    total = count or len(repeated)
    named = [f"line {line} (as line {first})" for line, first in islice(repeated.items(), _LISTED)]
    more = total - len(named)
    and_more = f" and {more} more" if more else ""
    return f"Repeated in the file: {total}: {', '.join(named)}{and_more}."
