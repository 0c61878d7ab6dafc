"""Reads the files of a folder of content as text, and names those that do not belong there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from cli.content.folder.mistakes import Mistake

FOLDERS: Final[Mapping[str, str]] = {
    "news": "news",
    "pages": "page",
    "cases": "case",
    "technologies": "technology",
    "resources": "resource",
    "events": "event",
    "questions": "question",
}
"""The folders of items, and the kind of item in each."""

SOURCES: Final = "sources.yml"
FACTS: Final = "item.yml"
TEXTS: Final[Mapping[str, str]] = {"en.md": "en", "tc.md": "zh-Hant", "sc.md": "zh-Hans"}
IMAGES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_NO_CONTENT: Final = frozenset({"README.md", "LICENSE"})
_LARGEST_TEXT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ItemFolder:
    """The folder of one item, with the paths of its files by their names."""

    path: PurePosixPath
    kind: str
    files: Mapping[str, Path]

    @property
    def id(self) -> str:
        """The item's id."""
        return self.path.name


def item_folders(root: Path, mistakes: list[Mistake]) -> list[ItemFolder]:
    """Return the folders of all items, by kind and id."""
    for each in _visible(root):
        if not (each.name in FOLDERS and each.is_dir()) and each.name != SOURCES:
            rule = f"Must be {SOURCES} or a folder of items: {', '.join(FOLDERS)}."
            mistakes.append(Mistake(_inside(root, each), 0, "", rule))
    return [
        ItemFolder(_inside(root, each), kind, _files_of(root, each, mistakes))
        for name, kind in FOLDERS.items()
        for each in _visible(root / name)
        if _is_folder(root, each, mistakes)
    ]


def read_text(root: Path, path: Path, mistakes: list[Mistake]) -> str | None:
    """Return a file's text, or nothing if it is none."""
    rule = "Must be a text in UTF-8 of at most 1,000,000 bytes."
    try:
        if path.stat().st_size <= _LARGEST_TEXT:
            text = path.read_text(encoding="utf-8-sig")
            if "\0" not in text:
                return text.replace("\r\n", "\n")
    except UnicodeDecodeError:
        pass
    except OSError as error:
        rule = f"Must be readable: {error.strerror}."
    mistakes.append(Mistake(_inside(root, path), 0, "", rule))
    return None


def _files_of(root: Path, folder: Path, mistakes: list[Mistake]) -> Mapping[str, Path]:
    files = {each.name: each for each in _visible(folder)}
    for name, each in files.items():
        if not _belongs(each):
            rule = f"Must be {FACTS}, {', '.join(TEXTS)} or an image (PNG, JPEG, WebP): remove it."
            mistakes.append(Mistake(_inside(root, each), 0, "", rule))
        elif name != name.lower() or not name.isascii() or any(c in name for c in " ()<>[]%"):
            rule = "Must have a name of small letters, digits, hyphens and dots."
            mistakes.append(Mistake(_inside(root, each), 0, "", rule))
    return files


def _belongs(file: Path) -> bool:
    known = file.name in {FACTS, *TEXTS} or file.suffix.lower() in IMAGES
    return known and file.is_file() and not file.is_symlink()


def _is_folder(root: Path, path: Path, mistakes: list[Mistake]) -> bool:
    if path.is_dir() and not path.is_symlink():
        return True
    rule = "Must be in a folder of its own, whose name is the item's id."
    mistakes.append(Mistake(_inside(root, path), 0, "", rule))
    return False


def _visible(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for each in sorted(folder.iterdir()):
            if not each.name.startswith(".") and each.name not in _NO_CONTENT:
                yield each


def _inside(root: Path, path: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(root).as_posix())
