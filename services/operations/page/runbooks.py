"""Shows the runbooks of docs/runbooks as pages, so that a link works where the page does."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_FOLDER: Final = "docs/runbooks/"
_NAME: Final = re.compile(r"[A-Za-z0-9-]+\.md")
_LINK: Final = re.compile(r"([A-Za-z0-9-]+\.md)?(#[\w-]*)?|https?://.+")
_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\- ]")


def runbook_link(runbook: str) -> str:
    """Return where a runbook of this repository, or of an installation, is shown; else nothing."""
    if runbook.startswith(_FOLDER):
        return f"/runbooks/{runbook.removeprefix(_FOLDER)}"
    return runbook if runbook.startswith(("https://", "http://")) else ""


def read_runbook(folder: Path, name: str) -> Markup | None:
    """Return a runbook as HTML, or None if there is none of this name."""
    path = folder / name
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(path.read_text(encoding="utf-8"))
    _name_headings(tokens)
    _end_foreign_links(tokens)
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704  # no raw HTML


def _name_headings(tokens: Sequence[Token]) -> None:
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _anchor(content.content))


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")


def _end_foreign_links(tokens: Sequence[Token]) -> None:
    """Leave only the text of links to pages that are not shown here."""
    for each in _inside(tokens):
        if each.type == "link_open" and not _LINK.fullmatch(str(each.attrGet("href"))):
            each.attrs = {}


def _inside(tokens: Sequence[Token]) -> Iterator[Token]:
    for each in tokens:
        yield each
        yield from each.children or ()
