"""Marks text that is not in the language of its page, so that it is read out as what it is."""

import re
from typing import Final

from markupsafe import Markup

from services.portal.web.languages import ENGLISH, TAGS
from services.portal.web.page import Page
from shared.events.content import Words

_HAN: Final = re.compile("[\u3400-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z]")
_NO_MARK: Final = Markup()


def lang_of_words(words: Words, page: Page) -> Markup:
    """Return the attribute for words of an item that is not translated (yet), or nothing."""
    return _NO_MARK if words.language == page.language.words else _mark(TAGS[words.language])


def lang_of_text(text: str, page: Page) -> Markup:
    """Return the attribute for a text whose language nobody stated, or nothing.

    Such texts are titles of sources: English, unless they have Chinese characters.
    """
    if page.language == ENGLISH:
        is_chinese = _HAN.search(text) and not _LATIN.search(text)
        return _mark("zh") if is_chinese else _NO_MARK
    is_english = _LATIN.search(text) and not _HAN.search(text)
    return _mark("en") if is_english else _NO_MARK


def _mark(tag: str) -> Markup:
    return Markup(' lang="{}"').format(tag)
