"""What the files of one item must have in common: its languages, images and examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from cli.content.folder.files import FACTS, IMAGES, TEXTS, ItemFolder
from cli.content.folder.forms import CaseForm, EventForm, ItemForm, TechnologyForm
from cli.content.folder.images import ImageFile
from cli.content.folder.mistakes import Mistake, Place
from cli.content.folder.texts import TextFile

CODES: Final = {name: name.removesuffix(".md") for name in TEXTS}
"""The languages as editors write them, by the names of their files."""


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item whose own files are read."""

    folder: ItemFolder
    place: Place
    facts: ItemForm
    texts: Mapping[str, TextFile]
    images: Mapping[str, ImageFile]

    @property
    def id(self) -> str:
        """The item's id."""
        return self.folder.id


def mistakes_between_files(item: ReadItem) -> Iterator[Mistake]:
    """Name what does not fit together."""
    yield from _languages(item)
    yield from _shown(item)
    yield from _words(item)


def _languages(item: ReadItem) -> Iterator[Mistake]:
    there = {code for name, code in CODES.items() if name in item.folder.files}
    fallback = item.facts.fallback
    for name, code in CODES.items():
        if code in there and code in fallback:
            rule = f"Must not be given, as {name} is there."
            yield item.place.mistake(("fallback", code), rule)
        elif code == "en" and code not in there:
            yield _missing(item, name, "Must be there.")
        elif code not in there | fallback.keys():
            say = f"Must be there, or `fallback: {{{code}: en}}` in {FACTS} if it is not ready yet."
            yield _missing(item, name, say)
        elif code in fallback and fallback[code] not in there:
            rule = "Must be a language whose file is there."
            yield item.place.mistake(("fallback", code), rule)


def _missing(item: ReadItem, name: str, rule: str) -> Mistake:
    return Mistake(PurePosixPath(item.folder.path / name), 0, "", rule)


def _shown(item: ReadItem) -> Iterator[Mistake]:
    """Check that every text shows the images that are there, and all of them the same ones."""
    files = {each for each in item.folder.files if PurePosixPath(each).suffix.lower() in IMAGES}
    shown = {
        code: {each.target for each in text.markdown.images} for code, text in item.texts.items()
    }
    everything = set().union(*shown.values())
    for code, text in item.texts.items():
        for each in text.markdown.images:
            if each.target not in files:
                yield text.mistake(each, "Must be the name of an image in this folder.")
        for name in sorted(everything & files - shown[code]):
            rule = "Must be shown here, too: every language shows the same images."
            yield Mistake(text.place.file, 0, name, rule)
    for name in sorted(files - everything) if item.texts else ():
        rule = "Must be shown by the texts, as ![what it shows](name); or remove it."
        yield Mistake(item.folder.path / name, 0, "", rule)


def _words(item: ReadItem) -> Iterator[Mistake]:
    """Check what front matter says about facts."""
    for text in item.texts.values():
        if isinstance(item.facts, CaseForm | TechnologyForm):
            yield from _example_words(item.facts, text)
        if _lacks_place(item.facts, text):
            yield text.place.mistake(("place",), "Must be given, unless the event is online.")
    counts = {len(getattr(text.words, "measures", ())) for text in item.texts.values()}
    if len(counts) > 1:
        rule = "Must have as many entries in every language."
        yield from (text.place.mistake(("measures",), rule) for text in item.texts.values())


def _lacks_place(facts: ItemForm, text: TextFile) -> bool:
    is_somewhere = isinstance(facts, EventForm) and facts.format != "online"
    return is_somewhere and not getattr(text.words, "place", None)


def _example_words(facts: CaseForm | TechnologyForm, text: TextFile) -> Iterator[Mistake]:
    named: Mapping[str, str] = getattr(text.words, "examples", {})
    ids = {each.id for each in facts.examples}
    for each in sorted(ids - named.keys()):
        yield text.place.mistake(("examples",), f"Must say what the example {each} is.")
    for each in sorted(named.keys() - ids):
        yield text.place.mistake(("examples", each), f"Must be an example of {FACTS}.")
