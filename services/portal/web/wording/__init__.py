"""The words of the pages themselves: files for each language, with the same keys."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from services.portal.web.languages import LANGUAGES

Wording = Mapping[str, str]


def _load(code: str) -> Wording:
    """Read all files of a language: `<code>.toml`, and `<part>.<code>.toml` of each part."""
    of_language = re.compile(rf"(?:[a-z-]+\.)?{code}\.toml")
    found = [each for each in files(__name__).iterdir() if of_language.fullmatch(each.name)]
    texts = [each.read_text(encoding="utf-8") for each in found]
    return {
        f"{part}.{key}": words
        for text in texts
        for part, table in tomllib.loads(text).items()
        for key, words in table.items()
    }


WORDING: Final[Mapping[str, Wording]] = {each.code: _load(each.code) for each in LANGUAGES}
