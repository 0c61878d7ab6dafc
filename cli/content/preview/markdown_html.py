"""Markdown of an item as HTML, with its links as a page on the disk has them."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape
from typing_extensions import override

from shared.events.content_markdown import CITATION, ContentRenderer, parser

_SITE: Final = "site:"


class _Renderer(ContentRenderer):
    """Renders links by a table, and citations as links to the sources below."""

    @override
    def text(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        """Render text, with its citations."""
        return CITATION.sub(r'<a href="#\1">[\1]</a>', str(escape(tokens[index].content)))

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
