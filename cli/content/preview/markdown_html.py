"""Markdown of an item as HTML, with its links as a page on the disk has them."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape
from typing_extensions import override

from cli.content.markdown import CITATION, parser

_WIDE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
_SITE: Final = "site:"


class _Renderer(RendererHTML):
    """Renders links by a table, citations as links to the sources below, and Chinese lines."""

    @override
    def text(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        """Render text, with its citations."""
        return CITATION.sub(r'<a href="#\1">[\1]</a>', str(escape(tokens[index].content)))

    @override
    def softbreak(
        self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any
    ) -> str:
        """Render the end of a line: between Chinese characters it is no space."""
        before = tokens[index - 1].content[-1:] if index else ""
        after = tokens[index + 1].content[:1] if index + 1 < len(tokens) else ""
        return "" if _WIDE.match(before) and _WIDE.match(after) else "\n"

    @override
    def image(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Render an image, from where the pages have it."""
        source = str(tokens[idx].attrs["src"])
        tokens[idx].attrs["src"] = env["targets"].get(source, source)
        return super().image(tokens, idx, options, env)

    def link_open(
        self,
        tokens: Sequence[Token],
        index: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Render a link; one to a page of the site leads nowhere in a preview."""
        target = str(tokens[index].attrs["href"])
        if target.startswith(_SITE):
            return f'<a class="site" title="{escape(target)}">'
        tokens[index].attrs["href"] = env["targets"].get(target, target)
        return self.renderToken(tokens, index, options, env)


def html(text: str, targets: Mapping[str, str]) -> Markup:
    """Render a text; `targets` has the address of each of its links and images."""
    markdown, env = parser(), {"targets": targets}
    rendered = _Renderer().render(markdown.parse(text, env), markdown.options, env)
    return Markup(rendered)  # noqa: S704  # HTML is escaped
