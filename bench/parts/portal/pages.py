"""Which pages visitors open, and how often each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final
from urllib.parse import quote

from shared.events.content import ItemPublished
from shared.events.recognition import LabelAwarded

_FOLDERS: Final = {
    "technology": "technologies",
    "case": "cases",
    "news": "news",
    "event": "events",
    "resource": "resources",
    "question": "questions",
    "page": "pages",
}
_PLACE: Final = re.compile("ITEM|WORD|CHOICE|CERTIFICATE|COMPARED")
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
    ("first page", "", 12),
    ("programme", "/programme", 8),
    ("recognition", "/recognition", 3),
    ("labels", "/labels?q=%E4%BC%81%E6%A5%AD1", 4),
    ("a certificate", "/certificates/CERTIFICATE", 5),
    ("statistics", "/statistics", 4),
    ("a list", "/technologies", 6),
    ("a list", "/news?page=3", 6),
    ("a list", "/questions", 6),
    ("search", "/technologies?q=WORD", 10),
    ("search", "/cases?q=WORD", 5),
    ("an item", "ITEM", 20),
    ("toolbox", "/toolbox", 3),
    ("toolbox, chosen", "/toolbox?CHOICE", 8),
    ("comparison", "/toolbox/compare?COMPARED", 3),
)


def pages(
    items: Sequence[ItemPublished], awarded: Sequence[LabelAwarded], number: int, seed: int = 1
) -> Iterator[tuple[str, str]]:
    """Yield names and addresses of pages; the same ones for the same seed."""
    random = Random(seed)
    compared = [each for each in items if each.kind == "technology"]
    weights = [weight for _, _, weight in _MIX]
    for name, path, _ in random.choices(_MIX, weights, k=number):
        item = random.choice(items)
        drawn = {
            "ITEM": f"/{_FOLDERS[item.kind]}/{item.item_id}",
            "WORD": quote(random.choice(_WORDS)),
            "CHOICE": random.choice(_CHOICES),
            "CERTIFICATE": random.choice(awarded).certificate_number,
            "COMPARED": "&".join(f"item={each.item_id}" for each in random.sample(compared, 4)),
        }
        yield name, f"/{random.choice(_LANGUAGES)}{_filled(path, drawn)}"


def _filled(path: str, drawn: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: drawn[found[0]], path)
