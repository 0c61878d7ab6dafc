"""The words of the pages themselves: files for each language, with the same keys."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from services.portal.web.languages import LANGUAGES

Wording = Mapping[str, str]
_FILES: Final = (
    "",
    "content.",
    "toolbox.",
    "recognition.",
    "labels.",
    "compare.",
    "estimate.",
    "plots.",
    "feeds.",
    "self-check.",
)


def _load(code: str) -> Wording:
    texts = [
        (files(__name__) / f"{each}{code}.toml").read_text(encoding="utf-8") for each in _FILES
    ]
    return {
        f"{part}.{key}": words
        for text in texts
        for part, table in tomllib.loads(text).items()
        for key, words in table.items()
    }


WORDING: Final[Mapping[str, Wording]] = {each.code: _load(each.code) for each in LANGUAGES}
