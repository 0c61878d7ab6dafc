"""The Markdown of an item as HTML. HTML in it is text, and links lead where they may lead."""

import re
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape
from typing_extensions import override

from shared.events.content_markdown import CITATION, ContentRenderer, anchor_of, parser

_ELSEWHERE: Final = ("https://", "mailto:", "tel:")
_CLASSES: Final = {
    "h2": "govuk-heading-l",
    "h3": "govuk-heading-m",
    "h4": "govuk-heading-s",
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "table": "govuk-table",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
    "tr": "govuk-table__row",
    "a": "govuk-link",
}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """Where an image is, and its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the links and images of a text lead; `None` for what is not there (yet)."""

    link: Callable[[str], str | None]
    image: Callable[[str], ShownPicture | None]
    cited: frozenset[str]


class _Renderer(ContentRenderer):
    @override
    def renderToken(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """Give every element the class that styles it."""
        token = tokens[idx]
        if token.nesting == 1 and token.tag in _CLASSES:
            token.attrSet("class", _CLASSES[token.tag])
        if token.type == "heading_open":
            # Unlike the marks of sources.
            env["heading"] = f"part-{anchor_of(tokens[idx + 1].content, env['anchors'])}"
            token.attrSet("id", env["heading"])
        rendered = super().renderToken(tokens, idx, options, env)
        if token.type == "table_open":
            named = _name_of_table(env)
            return f'<div class="site-scroll" role="group"{named} tabindex="0">{rendered}'
        return f"{rendered}</div>\n" if token.type == "table_close" else rendered

    @override
    def text(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """Render text; citations are links to the sources below."""
        cited = env["targets"].cited

        def link(found: re.Match[str]) -> str:
            mark = found[1]
            return (
                f'<a class="govuk-link" href="#{mark}">[{mark}]</a>' if mark in cited else found[0]
            )

        return CITATION.sub(link, str(escape(tokens[idx].content)))

    @override
    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """Render an image; where it is not there (yet), its text."""
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children, options, env) if token.children else ""
        shown = env["targets"].image(str(token.attrs["src"]))
        if shown is None:
            return str(escape(alt))
        return Markup('<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">').format(
            shown.address, alt, shown.width, shown.height
        )

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """Render a link; one that leads nowhere is only its text."""
        target = _target(str(tokens[idx].attrs["href"]), env["targets"])
        env["open"] = target is not None
        if target is None:
            return ""
        tokens[idx].attrs = {"href": target}
        if target.startswith(_ELSEWHERE):
            tokens[idx].attrs["rel"] = "external noopener"
        return self.renderToken(tokens, idx, options, env)

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """End a link, if one was begun."""
        return self.renderToken(tokens, idx, options, env) if env["open"] else ""


def html(text: str, targets: Targets) -> Markup:
    """Render a text."""
    markdown, env = parser(), {"targets": targets, "anchors": {}}
    rendered = _Renderer().render(markdown.parse(text, env), markdown.options, env)
    return Markup(rendered)  # noqa: S704  # HTML is escaped


def _name_of_table(env: MutableMapping[str, Any]) -> str:
    """Name what can be scrolled by the heading above it."""
    return f' aria-labelledby="{env["heading"]}"' if "heading" in env else ""


def _target(href: str, targets: Targets) -> str | None:
    if href.startswith(_ELSEWHERE):
        return href
    return href if href.startswith("#") else targets.link(href)
