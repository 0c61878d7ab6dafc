"""Reads a whole folder of content: every item, and what items say about each other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from cli.content.folder.between_files import ReadItem
from cli.content.folder.files import SOURCES, item_folders, read_text
from cli.content.folder.forms import (
    CaseForm,
    ExampleForm,
    ItemForm,
    SourceForm,
    SourceId,
    TechnologyForm,
)
from cli.content.folder.markdown import Reference, address_flaw, web_address_flaw
from cli.content.folder.mistakes import Breach, Mistake, Path
from cli.content.folder.reading import read_item
from cli.content.folder.texts import TextFile
from cli.content.folder.yaml_text import YamlError, read_yaml
from shared.events.content_markdown import PAGES_OF_THE_SITE

_SOURCES: Final = TypeAdapter(dict[SourceId, SourceForm])
_ITEM: Final = "item:"
_SITE: Final = "site:"
_ANY_DAY: Final = "2000-01-01"


@dataclass(frozen=True, slots=True)
class Edition:
    """What a folder says, and every mistake in it; it may be published if there is none."""

    items: Sequence[ReadItem]
    sources: Mapping[str, SourceForm]
    mistakes: Sequence[Mistake]


def read_edition(root: FilePath) -> Edition:
    """Read a folder of content."""
    mistakes: list[Mistake] = []
    sources = _sources(root, mistakes)
    folders = item_folders(root, mistakes)
    items = [each for folder in folders if (each := read_item(root, folder, mistakes))]
    mistakes += _repeated([each.path for each in folders])
    kinds = {each.id: each.kind for each in folders}
    read = {each.id: each for each in items}
    for item in items:
        mistakes += _between_items(item, kinds)
        mistakes += _unknown_parts(item, read)
        mistakes += _unknown_sources(item, sources)
    if not folders:
        mistakes.append(Mistake(PurePosixPath("."), 0, "", "Must have items: see docs/content.md."))
    return Edition(items, sources, sorted(set(mistakes)))


def _sources(root: FilePath, mistakes: list[Mistake]) -> Mapping[str, SourceForm]:
    path = root / SOURCES
    text = read_text(root, path, mistakes) if path.exists() else None
    try:
        yaml = read_yaml(text or "", PurePosixPath(SOURCES))
    except YamlError as error:
        mistakes += error.mistakes
        return {}
    try:
        sources = _SOURCES.validate_python(yaml.fields, strict=True)
    except ValidationError as error:
        mistakes += yaml.place.invalid(error)
        return dict.fromkeys(yaml.fields, _ANY)  # who cites one of them makes no mistake
    for name, source in sources.items():
        mistakes += yaml.place.mistakes(_breaches_of_source(name, source))
    return sources


def _breaches_of_source(name: str, source: SourceForm) -> Iterator[Breach]:
    if flaw := web_address_flaw(source.address):
        yield (name, "address"), flaw
    published = source.published or ""
    try:
        date.fromisoformat(published + _ANY_DAY[len(published) :])
    except ValueError:
        yield (name, "published"), "Must be a day, a month or a year that there is."


_ANY: Final = SourceForm(title="-", address="https://example.org")


def _repeated(paths: Sequence[PurePosixPath]) -> Iterator[Mistake]:
    by_id: dict[str, list[PurePosixPath]] = defaultdict(list)
    for each in paths:
        by_id[each.name].append(each)
    for first, *others in by_id.values():
        for each in others:
            yield Mistake(each, 0, "", f"Must have a name of its own: {first} is there, too.")


def _between_items(item: ReadItem, kinds: Mapping[str, str]) -> Iterator[Mistake]:
    for text in item.texts.values():
        for each in text.markdown.links:
            if flaw := _link_flaw(each.target, kinds):
                yield text.mistake(each, flaw)
    named = item.facts.technologies if isinstance(item.facts, CaseForm) else ()
    for number, technology in enumerate(named):
        if kinds.get(technology) != "technology":
            rule = "Must be the id of an item in technologies/."
            yield item.place.mistake(("technologies", number), rule)


def _link_flaw(target: str, kinds: Mapping[str, str]) -> str | None:
    if target.startswith(_ITEM):
        known = _item_and_part(target)[0] in kinds
        return None if known else "Must be the id of an item of this folder."
    if target.startswith(_SITE):
        known = target.removeprefix(_SITE) in PAGES_OF_THE_SITE
        return None if known else f"Must be one of {', '.join(sorted(PAGES_OF_THE_SITE))}."
    return address_flaw(target)


def _unknown_parts(item: ReadItem, read: Mapping[str, ReadItem]) -> Iterator[Mistake]:
    """Name the links to a heading that another item does not have in the language of the text."""
    for language, text in item.texts.items():
        for each in text.markdown.links:
            name, part = _item_and_part(each.target)
            other = read.get(name) if each.target.startswith(_ITEM) and part else None
            shown = other and _shown_text(other, language)
            if shown and part not in shown.markdown.anchors:
                known = ", ".join(sorted(shown.markdown.anchors)) or "it has none"
                yield text.mistake(each, f"Must end with a heading of {name}: {known}.")


def _shown_text(item: ReadItem, language: str) -> TextFile | None:
    fallback = {str(asked): str(shown) for asked, shown in item.facts.fallback.items()}
    return item.texts.get(fallback.get(language, language))


def _item_and_part(target: str) -> tuple[str, str]:
    name, _, part = target.removeprefix(_ITEM).partition("#")
    return name, unquote(part)


def _unknown_sources(item: ReadItem, sources: Mapping[str, SourceForm]) -> Iterator[Mistake]:
    rule = f"Must be a source in {SOURCES}."
    for path, source in _stated_sources(item.facts):
        if source not in sources:
            yield item.place.mistake(path, rule)
    for text in item.texts.values():
        yield from _unknown_citations(text, sources, rule)


def _unknown_citations(
    text: TextFile, sources: Mapping[str, SourceForm], rule: str
) -> Iterator[Mistake]:
    for each in text.markdown.citations:
        if each.target not in sources:
            yield text.mistake(Reference(each.line, f"[{each.target}]"), rule)


def _stated_sources(facts: ItemForm) -> Iterator[tuple[Path, str]]:
    for number, source in enumerate(facts.sources):
        yield ("sources", number), source
    if isinstance(facts, CaseForm | TechnologyForm):
        for number, example in enumerate(facts.examples):
            for path, source in _sources_of_example(example):
                yield ("examples", number, *path, "source"), source


def _sources_of_example(example: ExampleForm) -> Iterator[tuple[Path, str]]:
    if example.source:
        yield (), example.source
    for part in ("size", "baseline", "figures"):
        for number, figure in enumerate(getattr(example, part)):
            if figure.source:
                yield (part, number), figure.source
