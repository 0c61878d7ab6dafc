"""The Markdown of items (`Words.text`): how it is parsed, and what every rendering shares."""

import re
from collections.abc import MutableMapping, MutableSet, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from typing_extensions import override

CITATION: Final = re.compile(r"\[(S[0-9]{1,4})\]")
"""A citation of a source; its group is the source's id."""

PAGES_OF_THE_SITE: Final = frozenset(
    {
        "home", "programme", "self-check", "apply", "status", "toolbox", "technologies", "cases",
        "recognition", "recognition/history", "labels", "certificates", "statistics", "news",
        "events", "resources", "questions",
    }
)  # fmt: skip
"""What links to `site:<page>` name; the first page of the site is `home`."""

_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\- ]")
_WIDE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")


@cache  # it takes longer to make than most texts to read
def parser(*, html: bool = False) -> MarkdownIt:
    """Return the parser of items. To see HTML it has to be parsed; it is never rendered."""
    return MarkdownIt("commonmark", {"html": html}).enable("table")


def anchor_of(heading: str, taken: MutableSet[str]) -> str:
    """Return the anchor of a heading as GitHub gives it, unlike those that are taken; takes it."""
    plain = CITATION.sub("", heading).strip().lower()
    name = base = _NOT_IN_ANCHORS.sub("", plain).replace(" ", "-")
    number = 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


class ContentRenderer(RendererHTML):
    """Renders texts of several scripts."""

    @override
    def softbreak(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """Render the end of a line: between Chinese characters it is no space."""
        before = tokens[idx - 1].content[-1:] if idx else ""
        after = tokens[idx + 1].content[:1] if idx + 1 < len(tokens) else ""
        return "" if _WIDE.match(before) and _WIDE.match(after) else "\n"
