"""The Markdown of items (`Words.text`): how it is parsed, and what every rendering shares."""

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
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

_MOST_CELLS: Final = 10_000  # of all tables of a text
_CELLS: Final = "cells"
_REFUSED_UNTIL: Final = "no-table-until"
_DELIMITER_ROW: Final = re.compile(r"[\s|:-]*-[\s|:-]*")
_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\- ]")
_WIDE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")


@cache  # it takes longer to make than most texts to read
def parser(*, html: bool = False) -> MarkdownIt:
    """Return the parser of items. To see HTML it has to be parsed; it is never rendered."""
    markdown = MarkdownIt("commonmark", {"html": html}).enable("table")
    markdown.block.ruler.at("table", _limited_table, {"alt": ["paragraph", "reference"]})
    return markdown


def anchor_of(heading: str, taken: MutableMapping[str, int]) -> str:
    """Return the anchor of a heading as GitHub gives it, unlike those that are taken; takes it.

    `taken` has each anchor, with the last number that was put behind it.
    """
    plain = CITATION.sub("", heading).strip().lower()
    name = base = _NOT_IN_ANCHORS.sub("", plain).replace(" ", "-")
    number = taken.get(base, 0)
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken[base] = max(number, 1)
    taken.setdefault(name, 1)
    return name


def _limited_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Parse a table, unless the text has so many cells that it would take seconds to render."""
    following = state.getLines(start + 1, min(start + 2, end), 0, keepLastLF=False)
    if start < state.env.get(_REFUSED_UNTIL, 0) or not _DELIMITER_ROW.fullmatch(following):
        return False
    columns = state.getLines(start, start + 1, 0, keepLastLF=False).count("|") + 1
    left = (_MOST_CELLS - state.env.get(_CELLS, 0)) // columns
    rows = next((n for n in range(left + 1) if start + n >= end or state.isEmpty(start + n)), None)
    if rows is None:
        state.env[_REFUSED_UNTIL] = start + left
        return False
    is_table = table(state, start, end, silent)
    if is_table and not silent:
        state.env[_CELLS] = state.env.get(_CELLS, 0) + columns * rows
    return is_table


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
