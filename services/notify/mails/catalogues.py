"""Texts by language, from gettext catalogues. The source files are read, not compiled ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from shared.events.envelope import Language

FOLDER: Final = Path(__file__).with_name("locale")
LOCALES: Final[Mapping[Language, str]] = {
    "en": "en_HK",
    "zh-Hant": "zh_Hant_HK",
    "zh-Hans": "zh_Hans_HK",
}
"""How words, days and amounts are written for readers of a language, in Hong Kong."""


def catalogue_file(language: Language) -> Path:
    """Return the catalogue file of a language."""
    return FOLDER / language.replace("-", "_") / "LC_MESSAGES" / "notify.po"


def load_catalogue(language: Language) -> Catalog:
    """Read the catalogue of a language; raises an error with file and line of a mistake."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=LOCALES[language], abort_invalid=True)


def load_texts(language: Language) -> Mapping[str, str]:
    """Return the translation of each text in a language."""
    return {
        each.id: each.string
        for each in load_catalogue(language)
        if isinstance(each.id, str) and isinstance(each.string, str)
    }
