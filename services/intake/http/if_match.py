"""The header `If-Match`: change a version only while it is the current one (RFC 9110).

The `ETag` of a representation is `"<version>-<digest>"`, that of an answer to a change
`"<version>"`. A change depends on the version alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.intake.http.problems import if_match_invalid

_ONE: Final = r'(?:W/)?"[\x21\x23-\x7e]*"'
_OF_REPRESENTATION: Final = re.compile(r'^("\d+)-[^"]*"$')
_TAGS: Final = re.compile(rf"\s*{_ONE}\s*(?:,\s*{_ONE}\s*)*")


def entity_tag(version: int) -> str:
    """Return the `ETag` of a version."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Precondition:
    """The versions that may be changed; any if none is given."""

    tags: frozenset[str] | None = None

    def holds(self, version: int) -> bool:
        """Return whether this version may be changed. Weak tags never match."""
        return self.tags is None or entity_tag(version) in map(_of_version, self.tags)


def _of_version(tag: str) -> str:
    return _OF_REPRESENTATION.sub(r'\1"', tag)


def precondition(headers: Sequence[str]) -> Precondition:
    """Parse the values of the header; raises `Problem` if one is malformed."""
    stated = ",".join(headers).strip()
    if not headers or stated == "*":
        return Precondition()
    if not _TAGS.fullmatch(stated):
        raise if_match_invalid()
    return Precondition(frozenset(each.strip() for each in stated.split(",")))
