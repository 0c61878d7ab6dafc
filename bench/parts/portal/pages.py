"""Which pages visitors open, and how often each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final
from urllib.parse import quote

from shared.events.content import ItemPublished
from shared.events.recognition import LabelAwarded
from shared.identifiers import canonical

_FOLDERS: Final = {
    "technology": "technologies",
    "case": "cases",
    "news": "news",
    "event": "events",
    "resource": "resources",
    "question": "questions",
    "page": "pages",
}
_PLACE: Final = re.compile("ITEM|WORD|CHOICE|CERTIFICATE|COMPARED|TECHNOLOGY|LANGUAGE")
_LANGUAGES: Final = ("en", "tc", "sc")
_WORDS: Final = ("printing", "VOC", "印刷", "染整", "節能", "注塑", "能源", "water saving")
_CHOICES: Final = (
    "industry=printing-and-publishing&saves=voc&investment=to-500k",
    "saves=water",
    "industry=textiles&saves=energy",
    "payback=to-1y",
)
# How often of all visits. The answer of a self-check is left out: eligibility gives it.
_MIX: Final = (
    ("first page", "/LANGUAGE", 12),
    ("programme", "/LANGUAGE/programme", 8),
    ("self-check", "/LANGUAGE/self-check/new-technology/1b", 4),
    ("recognition", "/LANGUAGE/recognition", 3),
    ("recognition", "/LANGUAGE/recognition/history", 1),
    ("labels", "/LANGUAGE/labels?q=%E4%BC%81%E6%A5%AD1", 4),
    ("a certificate", "/LANGUAGE/certificates/CERTIFICATE", 5),
    ("statistics", "/LANGUAGE/statistics", 4),
    ("a list", "/LANGUAGE/technologies", 6),
    ("a list", "/LANGUAGE/news?page=3", 6),
    ("a list", "/LANGUAGE/questions", 6),
    ("search", "/LANGUAGE/technologies?q=WORD", 10),
    ("search", "/LANGUAGE/cases?q=WORD", 5),
    ("an item", "/LANGUAGEITEM", 20),
    ("toolbox", "/LANGUAGE/toolbox", 3),
    ("toolbox, chosen", "/LANGUAGE/toolbox?CHOICE", 8),
    ("comparison", "/LANGUAGE/toolbox/compare?COMPARED", 3),
    ("estimate", "/LANGUAGE/toolbox/estimate?TECHNOLOGY&electricity=1000000", 3),
    ("estimate of many", "/LANGUAGE/toolbox/estimate?saves=energy&electricity=1000000", 1),
    ("for programs", "/v1/toolbox?CHOICE", 2),
    ("feed", "/LANGUAGE/news.atom", 2),
    ("feed", "/LANGUAGE/events.ics", 1),
    ("site map", "/sitemap.xml", 1),
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
            "CERTIFICATE": canonical(random.choice(awarded).certificate_number),
            "TECHNOLOGY": f"item={random.choice(compared).item_id}",
            "LANGUAGE": random.choice(_LANGUAGES),
            "COMPARED": "&".join(f"item={each.item_id}" for each in random.sample(compared, 4)),
        }
        yield name, _filled(path, drawn)


def _filled(path: str, drawn: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: drawn[found[0]], path)
