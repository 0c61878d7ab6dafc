"""Reason and fact lists that many decisions share. Each caches its JSON and BSON encoding.

There are a few hundred of them, and they make up most of every decision.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from shared.events.envelope import Reason


class Reasons(tuple[Reason, ...]):  # noqa: SLOT001  # the cache needs a dictionary
    """Reasons in order."""

    @cached_property
    def encodings(self) -> dict[Any, Any]:
        """Cached encodings, keyed by encoder."""
        return {}

    @classmethod
    def read(cls, documents: Iterable[Mapping[str, Any]]) -> "Reasons":
        """Read reasons from documents."""
        return cls(Reason(**each) for each in documents)


class SharedMapping(dict[str, Any]):
    """A JSON object that must not be modified."""

    @cached_property
    def encodings(self) -> dict[Any, Any]:
        """Cached encodings, keyed by encoder."""
        return {}
