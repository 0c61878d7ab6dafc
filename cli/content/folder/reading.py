"""Reads one item: its facts, its texts and its images, with every mistake in them by themselves."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cli.content.folder.between_files import CODES, ReadItem, mistakes_between_files
from cli.content.folder.days import breaches_of_times
from cli.content.folder.figures import breaches_of_example
from cli.content.folder.files import FACTS, IMAGES, ItemFolder, read_text
from cli.content.folder.forms import (
    FORMS,
    CaseForm,
    EventForm,
    Id,
    ItemForm,
    ResourceForm,
    TechnologyForm,
)
from cli.content.folder.images import ImageFile, UnusableImageError, read_image
from cli.content.folder.markdown import web_address_flaw
from cli.content.folder.mistakes import Breach, Mistake, Place
from cli.content.folder.texts import TextFile, read_text_file
from cli.content.folder.yaml_text import YamlError, read_yaml

_ID: Final[TypeAdapter[str]] = TypeAdapter(Id)


def read_item(root: Path, folder: ItemFolder, mistakes: list[Mistake]) -> ReadItem | None:
    """Read an item; note its mistakes, and return nothing if its facts cannot be read."""
    _check_id(folder, mistakes)
    found = _facts(root, folder, mistakes)
    texts = dict(_texts(root, folder, mistakes))
    images = dict(_images(folder, mistakes))
    if not found:
        return None
    item = ReadItem(folder, found[1], found[0], texts, images)
    mistakes += item.place.mistakes(_breaches(item.facts))
    mistakes += mistakes_between_files(item)
    return item


def _check_id(folder: ItemFolder, mistakes: list[Mistake]) -> None:
    try:
        _ID.validate_python(folder.id, strict=True)
    except ValidationError:
        rule = (
            "Must have a name of at most 64 small letters, digits and single hyphens that begins "
            "with a letter: it is the item's id."
        )
        mistakes.append(Mistake(folder.path, 0, "", rule))


def _facts(
    root: Path, folder: ItemFolder, mistakes: list[Mistake]
) -> tuple[ItemForm, Place] | None:
    file = folder.path / FACTS
    path = folder.files.get(FACTS)
    if not path:
        mistakes.append(Mistake(file, 0, "", "Must be there, with the facts of the item."))
        return None
    text = read_text(root, path, mistakes)
    if text is None:
        return None
    try:
        yaml = read_yaml(text, file)
    except YamlError as error:
        mistakes += error.mistakes
        return None
    try:
        return FORMS[folder.kind].model_validate(yaml.fields), yaml.place
    except ValidationError as error:
        mistakes += yaml.place.invalid(error)
    return None


def _texts(
    root: Path, folder: ItemFolder, mistakes: list[Mistake]
) -> Iterator[tuple[str, TextFile]]:
    for name, code in CODES.items():
        if path := folder.files.get(name):
            content = read_text(root, path, mistakes)
            if content is not None:
                file = folder.path / name
                if text := read_text_file(content, file, folder.kind, mistakes):
                    yield code, text


def _images(folder: ItemFolder, mistakes: list[Mistake]) -> Iterator[tuple[str, ImageFile]]:
    for name, path in folder.files.items():
        if path.suffix.lower() in IMAGES and path.is_file():
            try:
                yield name, read_image(name, path.read_bytes())
            except UnusableImageError as error:
                mistakes.append(Mistake(folder.path / name, 0, "", str(error)))
            except OSError as error:
                rule = f"Must be readable: {error.strerror}."
                mistakes.append(Mistake(folder.path / name, 0, "", rule))


def _breaches(facts: ItemForm) -> Iterator[Breach]:
    if isinstance(facts, EventForm):
        yield from breaches_of_times(facts)
    if isinstance(facts, ResourceForm) and facts.address:
        yield from _breaches_of_address(facts.address, "address")
    if isinstance(facts, EventForm) and facts.registration:
        yield from _breaches_of_address(facts.registration.address, "registration", "address")
    if isinstance(facts, CaseForm | TechnologyForm):
        yield from _breaches_of_examples(facts)


def _breaches_of_address(address: str, *path: str) -> Iterator[Breach]:
    if flaw := web_address_flaw(address):
        yield path, flaw


def _breaches_of_examples(facts: CaseForm | TechnologyForm) -> Iterator[Breach]:
    for number, example in enumerate(facts.examples):
        for path, rule in breaches_of_example(example):
            yield ("examples", number, *path), rule
        if example.id in {each.id for each in facts.examples[:number]}:
            yield ("examples", number, "id"), "Must differ from that of the other examples."
    for name in ("industries", "processes", "saves", "technologies"):
        values = getattr(facts, name, ())
        if any(a == b for a, b in pairwise(sorted(values))):
            yield (name,), "Must have each value once."
