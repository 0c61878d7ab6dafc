"""The facts of an item's kind, one line each, as codes and days."""

from collections.abc import Iterator
from typing import Any

from shared.events.content import ItemPublished, Words


def facts(item: ItemPublished, words: Words) -> Iterator[str]:
    """Yield what a page shows under the title."""
    for name in ("place", "enterprise", "city"):
        if said := getattr(words, name):
            yield f"{name}: {said}"
    own = item.news or item.page or item.question or item.resource or item.gathering
    for part in (own, item.case, item.technology):
        if part:
            yield from _lines(part.model_dump(mode="json", exclude={"examples"}))


def _lines(fields: dict[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if value is not None:
            written = ", ".join(value) if isinstance(value, list) else value
            yield f"{name.replace('_', ' ')}: {written}"
