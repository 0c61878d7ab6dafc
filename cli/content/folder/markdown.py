"""The Markdown of items: what it links to, shows and cites, and what it may not have."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from markdown_it.token import Token

from shared.events.content_markdown import CITATION, anchor_of, parser

_NO_LINK: Final = re.compile(r"\]\(|\]\[(?!S[0-9]{1,4}\])")
_FIRST_LEVEL: Final = 2
_LONGEST_ALT: Final = 300
_HOST: Final = re.compile(r"(?!-)[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+")
_MAIL: Final = re.compile(r"mailto:[^\s@?]+@[^\s@?]+\.[^\s@?]+")
_TELEPHONE: Final = re.compile(r"tel:\+[0-9]{6,15}")

LineRule = tuple[int, str]
"""A line of the text, from 0, and the rule that it breaks."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a text refers to, with its line in the text, from 0."""

    line: int
    target: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """What a text refers to, and the rules that it breaks."""

    links: Sequence[Reference]
    images: Sequence[Reference]
    citations: Sequence[Reference]
    anchors: frozenset[str]
    broken: Sequence[LineRule]


def read_markdown(text: str) -> Markdown:
    """Read a text."""
    tokens = list(_with_lines(parser(html=True).parse(text), 0))
    return Markdown(
        links=[Reference(n, str(t.attrs["href"])) for n, t in tokens if t.type == "link_open"],
        images=[Reference(n, str(t.attrs["src"])) for n, t in tokens if t.type == "image"],
        citations=list(_citations(tokens)),
        anchors=_anchors(tokens),
        broken=sorted({*_broken(tokens), *_levels(tokens)}),
    )


def address_flaw(address: str) -> str | None:
    """Return what an address of another site or a person must be, or nothing if it is that."""
    if address.startswith("mailto:"):
        return None if _MAIL.fullmatch(address) else "Must be mailto: and an address."
    if address.startswith("tel:"):
        return None if _TELEPHONE.fullmatch(address) else "Must be tel:+ and digits alone."
    if not address.startswith("https://"):
        return "Must begin with item:, site:, https://, mailto: or tel:."
    return web_address_flaw(address)


def web_address_flaw(address: str) -> str | None:
    """Return what a web address must be, or nothing if it is that."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "Must be a well-formed address."
    if parts.username or parts.password:
        return "Must be an address without a user's name."
    return None if _HOST.fullmatch(host) else "Must have the full name of a host."


def _with_lines(tokens: Sequence[Token], line: int) -> Iterator[tuple[int, Token]]:
    for token in tokens:
        line = token.map[0] if token.map else line
        yield line, token
        inner = line
        for child in token.children or ():
            yield inner, child
            inner += child.type in {"softbreak", "hardbreak"}


def _citations(tokens: Sequence[tuple[int, Token]]) -> Iterator[Reference]:
    for line, token in tokens:
        if token.type == "text":
            for found in CITATION.findall(token.content):
                yield Reference(line, found)


def _anchors(tokens: Sequence[tuple[int, Token]]) -> frozenset[str]:
    anchors: dict[str, int] = {}
    for (_, opening), (_, heading) in pairwise(tokens):
        if opening.type == "heading_open":
            anchor_of(heading.content, anchors)
    return frozenset(anchors)


def _broken(tokens: Sequence[tuple[int, Token]]) -> Iterator[LineRule]:
    for line, token in tokens:
        if token.type.startswith("html_"):
            yield line, "Must be Markdown without HTML."
        elif token.type == "text" and _NO_LINK.search(token.content):
            yield line, "Must be a valid link: `[text](address)`, without spaces in the address."
        elif token.type == "image":
            yield from ((line, each) for each in _breaches_of_alt(token.content.strip()))


def _breaches_of_alt(alt: str) -> Iterator[str]:
    if not alt:
        yield "Must say between the brackets what the image shows, for those who cannot see it."
    elif len(alt) > _LONGEST_ALT:
        yield f"Must say in at most {_LONGEST_ALT} characters what the image shows."


def _levels(tokens: Sequence[tuple[int, Token]]) -> Iterator[LineRule]:
    before = _FIRST_LEVEL - 1
    for line, token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1:])
            if level < _FIRST_LEVEL:
                yield line, "Must begin with ##: the title is the heading of the page."
            elif level > before + 1:
                yield line, f"Must begin with {'#' * (before + 1)}: no level is left out."
            before = max(level, _FIRST_LEVEL - 1)
