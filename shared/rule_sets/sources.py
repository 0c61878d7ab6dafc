"""The public pages that the rules name by their marks, such as `S11`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import Field, TypeAdapter

from shared.decisions.rule_file import Entry
from shared.events.rule_sets import RuleSource

_FILE: Final = Path(__file__).with_name("sources.toml")
_MARK: Final = re.compile(r"\bS[1-9][0-9]*\b")


class Source(Entry):
    """A public page, and what it is taken for; `url_zh` is its Chinese version, if any."""

    title: str
    url: str = Field(pattern="^https?://")
    url_zh: str | None = Field(None, pattern="^https?://")
    taken_for: str


@cache
def all_sources() -> Mapping[str, Source]:
    """Return the sources by their marks."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Source]).validate_python(content)


def sources_named(texts: Iterable[str]) -> tuple[RuleSource, ...]:
    """Return the sources that are named in texts such as `S11, S14`, each once, in their order.

    A mark that is not listed is left out: an operator's own file may have any.
    """
    marks = {mark for text in texts for mark in _MARK.findall(text)}
    listed = ((mark, each) for mark, each in all_sources().items() if mark in marks)
    return tuple(_published(mark, each) for mark, each in listed)


def _published(mark: str, source: Source) -> RuleSource:
    return RuleSource(mark=mark, title=source.title, url=source.url, url_zh=source.url_zh)


def sources_in(value: Any) -> Iterable[str]:
    """Yield the field `source` of every entry of plain data, at any depth."""
    if isinstance(value, Mapping):
        if isinstance(source := value.get("source"), str):
            yield source
        value = value.values()
    elif not isinstance(value, list):
        return
    for each in value:
        yield from sources_in(each)
