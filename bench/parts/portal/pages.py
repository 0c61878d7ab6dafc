"""Which pages visitors open, and how often each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final
from urllib.parse import quote

from shared.events.content import ItemPublished

_FOLDERS: Final = {
    "technology": "technologies",
    "case": "cases",
    "news": "news",
    "event": "events",
    "resource": "resources",
    "question": "questions",
    "page": "pages",
}
_PLACE: Final = re.compile("ITEM|WORD|CHOICE")
_LANGUAGES: Final = ("en", "tc", "sc")
_WORDS: Final = ("printing", "VOC", "印刷", "染整", "節能", "注塑", "能源", "water saving")
_CHOICES: Final = (
    "industry=printing-publishing&saves=voc&investment=to-500k",
    "saves=water",
    "industry=textiles&saves=energy",
    "payback=to-1y",
)
# In a hundred visits; `ITEM` and `WORD` are drawn anew for each.
_MIX: Final = (
    ("first page", "", 15),
    ("programme", "/programme", 10),
    ("recognition", "/recognition", 5),
    ("a list", "/technologies", 6),
    ("a list", "/news?page=3", 6),
    ("a list", "/questions", 6),
    ("search", "/technologies?q=WORD", 10),
    ("search", "/cases?q=WORD", 5),
    ("an item", "ITEM", 25),
    ("toolbox", "/toolbox", 4),
    ("toolbox, chosen", "/toolbox?CHOICE", 8),
)


def pages(items: Sequence[ItemPublished], number: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield names and addresses of pages; the same ones for the same seed."""
    random = Random(seed)
    weights = [weight for _, _, weight in _MIX]
    for name, path, _ in random.choices(_MIX, weights, k=number):
        item = random.choice(items)
        drawn = {
            "ITEM": f"/{_FOLDERS[item.kind]}/{item.item_id}",
            "WORD": quote(random.choice(_WORDS)),
            "CHOICE": random.choice(_CHOICES),
        }
        yield name, f"/{random.choice(_LANGUAGES)}{_filled(path, drawn)}"


def _filled(path: str, drawn: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: drawn[found[0]], path)
