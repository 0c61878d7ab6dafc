"""A page: where it is, what it is called, and its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from markupsafe import Markup, escape

from services.portal.web.languages import SiteLanguage
from services.portal.web.wording import WORDING

_MAY_BREAK: Final = "\u200b"


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page is, and what it is called; `crumbs` are the pages above it.

    `query` begins with "?" and stays when the reader changes the language.
    """

    language: SiteLanguage
    path: str
    title: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    status: HTTPStatus = HTTPStatus.OK
    query: str = ""

    @property
    def plain_title(self) -> str:
        """The title without the places where a line may break, which other programs would show."""
        return self.title.replace(_MAY_BREAK, "")

    def word(self, key: str, **values: object) -> str:
        """Return words of the site in the language of the page.

        With a value that is HTML they are HTML.
        """
        text = WORDING[self.language.code][key]
        if any(isinstance(each, Markup) for each in values.values()):
            return escape(text).format(**values)
        return text.format(**values) if values else text

    def has_word(self, key: str) -> bool:
        """Return whether the site has these words."""
        return key in WORDING[self.language.code]

    def named(self, section: str, code: str) -> str:
        """Return the words for a code, or the code itself if it is newer than the words."""
        key = f"{section}.{code}"
        return self.word(key) if self.has_word(key) else code

    def to(self, path: str) -> str:
        """Return the address of another page in the same language."""
        return f"/{self.language.code}{path}"
