"""Writes the pages of a preview: one for each item and language, and an index."""

import base64
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from cli.content.contents import LANGUAGES, contents
from cli.content.folder.edition import Edition
from cli.content.folder.files import FOLDERS
from cli.content.preview.facts import facts
from cli.content.preview.figures import origin_of, value_of, year_of
from cli.content.preview.markdown_html import html
from shared.events.content import ItemPublished
from shared.events.envelope import Language

_MARKER: Final = ".cppp-content-preview"
_INDEX: Final = "index.html"
_STYLE: Final = "preview.css"
_IMAGES: Final = "images"
_PACKAGE: Final = "cli.content.preview"
_TAGS: Final = {"en": "en", "tc": "zh-HK", "sc": "zh-CN"}
_FOLDERS: Final = {kind: folder for folder, kind in FOLDERS.items()}


def write_preview(edition: Edition, output: Path) -> Path:
    """Write the pages of all items without mistakes into a folder of their own; return the index.

    Raises `ValueError` for a folder that has something else in it, and `OSError` if it cannot be
    written.
    """
    _clear(output)
    images, items = contents(_without_mistakes(edition))
    pages = _pages(output, images, items)
    for image in images:
        _write_image(output, image)
    for item in items:
        pages.write(item)
    style = files(_PACKAGE) / "templates" / _STYLE
    (output / _STYLE).write_bytes(style.read_bytes())
    page = pages.environment.get_template(_INDEX).render(
        folders={name: [e for e in items if e.kind == kind] for name, kind in FOLDERS.items()},
        mistakes=edition.mistakes,
        languages=_TAGS,
    )
    index = output / _INDEX
    index.write_text(page, encoding="utf-8")
    return index


def _clear(output: Path) -> None:
    if output.exists() and not (output / _MARKER).exists() and any(output.iterdir()):
        msg = f"{output}: Must be a new or empty folder, or that of an earlier preview."
        raise ValueError(msg)
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    (output / _MARKER).touch()


def _without_mistakes(edition: Edition) -> Edition:
    wrong = {each.file.parts[:2] for each in edition.mistakes}
    kept = [each for each in edition.items if each.folder.path.parts not in wrong]
    return Edition(kept, edition.sources, ())


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["facts"] = facts
    environment.filters |= {
        "value": value_of,
        "origin": origin_of,
        "year": year_of,
        "words": lambda code: code.replace("-", " "),
    }
    return environment


def _write_image(output: Path, item: ItemPublished) -> None:
    if item.image:
        path = output / _IMAGES / _file_of(item)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(item.image.data_base64))


def _file_of(image: ItemPublished) -> str:
    media_type = image.image.media_type if image.image else ""
    return f"{image.item_id}.{media_type.partition('/')[2]}"


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of items, which know where each other are."""

    output: Path
    environment: Environment
    items: Mapping[str, str]
    images: Mapping[str, str]

    def write(self, item: ItemPublished) -> None:
        """Write the pages of an item, one for each language."""
        for code, language in LANGUAGES.items():
            words, folder = item.words[language], _FOLDERS[item.kind]
            page = self.environment.get_template("item.html").render(
                item=item,
                words=words,
                text=html(words.text, self._targets(item)),
                named={each.id: each.text for each in words.examples},
                code=code,
                folder=folder,
                tag=_tag(words.language),
                fallback=words.language != language,
                languages=_TAGS,
            )
            path = self.output / code / folder / f"{item.item_id}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")

    def _targets(self, item: ItemPublished) -> Mapping[str, str]:
        images = {each.name: self.images[each.image_id] for each in item.images}
        return {**self.items, **images}


def _pages(output: Path, images: Sequence[ItemPublished], items: Sequence[ItemPublished]) -> _Pages:
    return _Pages(
        output,
        _environment(),
        {f"item:{e.item_id}": f"../{_FOLDERS[e.kind]}/{e.item_id}.html" for e in items},
        {each.item_id: f"../../{_IMAGES}/{_file_of(each)}" for each in images},
    )


def _tag(language: Language) -> str:
    return next(_TAGS[code] for code, each in LANGUAGES.items() if each == language)
