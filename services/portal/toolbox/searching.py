"""Technologies that have all the words a reader asks for, in whichever language. Pure."""

from collections.abc import Iterable, Sequence

from services.portal.site.edition import Edition
from services.portal.site.folding import folded
from shared.events.content import ItemPublished


def with_words(
    edition: Edition, items: Iterable[ItemPublished], text: str
) -> Sequence[ItemPublished]:
    """Return the technologies whose text has every word, in one language or another."""
    words = folded(text).split()
    return [
        item
        for item in items
        if all(_has(edition.search.get(item.item_id, {}).values(), each) for each in words)
    ]


def _has(texts: Iterable[str], word: str) -> bool:
    return any(word in each for each in texts)
