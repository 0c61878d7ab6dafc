"""The site's languages: each has its own addresses, which begin with its code."""

import re
from dataclasses import dataclass
from typing import Final

from babel import Locale

from shared.events.envelope import Language

# Anybody may send it: each character is looked at once, whatever it says.
_RANGE: Final = re.compile(r"([A-Za-z*][A-Za-z0-9*-]*)(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")
_LONGEST_HEADER: Final = 1_000  # characters; a browser's has less than a hundred
_TRADITIONAL: Final = ("hant", "tw", "hk", "mo")


@dataclass(frozen=True, slots=True)
class SiteLanguage:
    """A language: its code in addresses, its tag in HTML, and what the content calls it."""

    code: str
    tag: str
    name: str
    words: Language
    locale: Locale


ENGLISH: Final = SiteLanguage("en", "en-HK", "English", "en", Locale.parse("en_HK"))
TRADITIONAL: Final = SiteLanguage(
    "tc", "zh-Hant-HK", "繁體中文", "zh-Hant", Locale.parse("zh_Hant_HK")
)
SIMPLIFIED: Final = SiteLanguage(
    "sc", "zh-Hans-CN", "简体中文", "zh-Hans", Locale.parse("zh_Hans_CN")
)
LANGUAGES: Final = (ENGLISH, TRADITIONAL, SIMPLIFIED)
TAGS: Final = {each.words: each.tag for each in LANGUAGES}


def preferred(accept_language: str) -> SiteLanguage:
    """Return the language that a reader's browser asks for first; English if it asks for none."""
    asked = [_asked(each.strip()) for each in accept_language[:_LONGEST_HEADER].split(",")]
    ranked = sorted((each for each in asked if each[0] > 0), key=lambda each: -each[0])
    return next((found for _, tag in ranked if (found := _language_of(tag))), ENGLISH)


def _asked(text: str) -> tuple[float, str]:
    found = _RANGE.fullmatch(text)
    return (float(found[2] or 1), found[1].lower()) if found else (0.0, "")


def _language_of(tag: str) -> SiteLanguage | None:
    primary, *others = tag.split("-")
    if primary == "en":
        return ENGLISH
    if primary == "yue":
        return TRADITIONAL
    if primary != "zh":
        return None
    traditional = "hans" not in others and any(each in _TRADITIONAL for each in others)
    return TRADITIONAL if traditional else SIMPLIFIED
