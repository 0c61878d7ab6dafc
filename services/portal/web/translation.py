"""Text that is not in the language of its page says in which one it is, to be read out right."""

import re
from typing import Final

from markupsafe import Markup

from services.portal.web.languages import ENGLISH, TAGS
from services.portal.web.page import Page
from shared.events.content import ItemPublished, Words

_HAN: Final = re.compile("[\u3400-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z]")
_NO_MARK: Final = Markup()


def title_of(item: ItemPublished, page: Page) -> str:
    """Return the title of an item."""
    words = item.words[page.language.words]
    return in_own_language(words, words.title, page)


def in_own_language(words: Words, text: str, page: Page) -> str:
    """Return a text of an item, as HTML where it is not translated."""
    if words.language == page.language.words:
        return text
    return Markup('<span lang="{}">{}</span>').format(TAGS[words.language], text)


def lang_of_text(text: str, page: Page) -> Markup:
    """Return the attribute for a text whose language nobody stated, or nothing.

    Such texts are titles of sources: English, unless they have Chinese characters.
    """
    if page.language == ENGLISH:
        return _mark("zh") if _HAN.search(text) and not _LATIN.search(text) else _NO_MARK
    return _mark("en") if _LATIN.search(text) and not _HAN.search(text) else _NO_MARK


def _mark(tag: str) -> Markup:
    return Markup(' lang="{}"').format(tag)
