"""Which items have the words that a reader asks for, in whichever language. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from services.portal.site.edition import Edition
from services.portal.site.folding import folded
from shared.events.content import ItemPublished

_MOST_WORDS: Final = 10
_SHORTEST_PART: Final = 2  # a single character is in nearly every text
_LONGEST_RUN: Final = 20
_HAN_ALONE: Final = re.compile("[\u3400-\u9fff]+")


def with_words(
    edition: Edition, items: Iterable[ItemPublished], text: str
) -> Sequence[ItemPublished]:
    """Return the items whose texts have every word, in one language or another.

    Chinese has no spaces: a run of characters is found whole, or in parts of two and more.
    """
    words = [*dict.fromkeys(folded(text).split())][:_MOST_WORDS]
    return [
        item
        for item in items
        if all(_has(edition.search.get(item.item_id, {}).values(), each) for each in words)
    ]


def _has(texts: Collection[str], word: str) -> bool:
    return any(word in each for each in texts) or (
        len(word) <= _LONGEST_RUN
        and _HAN_ALONE.fullmatch(word) is not None
        and any(_has_parts(each, word) for each in texts)
    )


def _has_parts(text: str, run: str) -> bool:
    """Return whether a text has a run in parts, none of which is a single character."""
    reached = {0}
    for start in range(len(run)):
        end = start + _SHORTEST_PART
        while start in reached and end <= len(run) and run[start:end] in text:
            reached.add(end)
            end += 1
    return len(run) in reached
