"""Values that many decisions have in common: a few hundred in all, and most of every decision.

Each remembers how it was laid out, so that it is done once for all decisions that have it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from shared.events.envelope import Reason


class Reasons(tuple[Reason, ...]):  # noqa: SLOT001  # it remembers
    """Reasons in their order."""

    @cached_property
    def encodings(self) -> dict[Any, Any]:
        """What was made of them, by the function that made it."""
        return {}

    @classmethod
    def read(cls, documents: Iterable[Mapping[str, Any]]) -> "Reasons":
        """Make them from what MongoDB has."""
        return cls(Reason(**each) for each in documents)


class SharedMapping(dict[str, Any]):
    """Facts by name, as JSON has them; not to be changed any more."""

    @cached_property
    def encodings(self) -> dict[Any, Any]:
        """What was made of them, by the function that made it."""
        return {}
