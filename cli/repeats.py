"""How commands name the lines of a file that repeat an earlier one."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

_LISTED: Final = 20


def repeated_lines(repeated: Mapping[int, int]) -> str:
    """Name repeated lines, each with the first line of the same content."""
    named = [f"line {line} (as line {first})" for line, first in islice(repeated.items(), _LISTED)]
    more = len(repeated) - len(named)
    and_more = f" and {more} more" if more else ""
    return f"Repeated in the file: {len(repeated)}: {', '.join(named)}{and_more}."
