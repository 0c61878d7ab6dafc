"""What an item says; where that is not in the language of the page, it says in which one it is."""

from markupsafe import Markup

from services.portal.web.languages import TAGS
from services.portal.web.page import Page
from shared.events.content import ItemPublished, Words


def title_of(item: ItemPublished, page: Page) -> str:
    """Return the title of an item."""
    words = item.words[page.language.words]
    return in_own_language(words, words.title, page)


def in_own_language(words: Words, text: str, page: Page) -> str:
    """Return a text of an item, as HTML where it is not translated."""
    if words.language == page.language.words:
        return text
    return Markup('<span lang="{}">{}</span>').format(TAGS[words.language], text)
