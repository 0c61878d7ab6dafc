"""A folder of content as an editor has it: one item of each kind, which tests then change."""

import struct
import zlib
from pathlib import Path

SOURCES = """\
S1:
  title: Front page
  address: https://www.cleanerproduction.hk/en_index.asp
S26:
  title: China Daily
  address: http://www.example.org/2007-10-17
  published: 2007-10-17
  weak: true
"""
EXAMPLE = """\
  - id: press-hall
    origin: A
    vendor_claim: false
    source: S26
    year: 2007
    figures:
      - {of: investment, value: 300000, currency: HKD}
      - {of: saving, value: 100000, currency: HKD, per: year}
      - {of: voc, value: 30, unit: "%"}
"""
FACTS = {
    "news/start": "date: 2008-04-18\n",
    "pages/about": "section: about\n",
    "questions/why": "group: programme\norder: 3\n",
    "resources/guide": "type: guide\naddress: https://www.example.org/guide\n",
    "events/briefing": (
        "starts: 2025-03-25 14:30\nends: 2025-03-25 16:00\ntime_zone: Asia/Hong_Kong\n"
        "format: on-site\nspoken: [yue]\n"
    ),
    "cases/printer": (
        "industry: printing-and-publishing\nsaves: [voc]\ntechnologies: [filter]\n"
        f"examples:\n{EXAMPLE}"
    ),
    "technologies/filter": (
        "industries: [printing-and-publishing]\nprocesses: [printing]\nsaves: [voc]\n"
        f"examples:\n{EXAMPLE}"
    ),
}
WORDS = {
    "events/briefing": "place: Kowloon Tong\n",
    "cases/printer": (
        "enterprise: A printer\ncity: Dongguan\nmeasures: [A filter]\n"
        "examples: {press-hall: The press hall}\n"
    ),
    "technologies/filter": "examples: {press-hall: A press hall}\n",
}
TITLES = {"en": "Title", "tc": "標題", "sc": "标题"}
TEXTS = {
    "en": "The first line [S1].\n",
    "tc": "第一行 [S1]。\n",
    "sc": "第一行 [S1]。\n",
}


class Editor:
    """Changes files of a folder of content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("sources.yml", SOURCES)
        for path in FACTS:
            self.add(path)

    def add(self, path: str, *, like: str = "") -> None:
        """Add an item, with the facts of its kind."""
        like = like or path
        self.write(f"{path}/item.yml", FACTS[like])
        for code, title in TITLES.items():
            self.write(f"{path}/{code}.md", self.text(title, TEXTS[code], WORDS.get(like, "")))

    @staticmethod
    def text(title: str, text: str, more: str = "") -> str:
        """Return a text with its front matter."""
        return f"---\ntitle: {title}\nsummary: Summary.\n{more}---\n\n{text}"

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def change(self, path: str, old: str, new: str) -> None:
        """Replace a part of a file that is there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def append(self, path: str, text: str) -> None:
        """Add to the end of a file."""
        self.write(path, (self.root / path).read_text(encoding="utf-8") + text)

    def remove(self, path: str) -> None:
        """Remove a file or an item."""
        place = self.root / path
        if place.is_dir():
            for each in place.iterdir():
                each.unlink()
            place.rmdir()
        else:
            place.unlink()

    def show(self, item: str, name: str, data: bytes) -> None:
        """Add an image, and show it in each language."""
        self.write(f"{item}/{name}", data)
        for code in TITLES:
            self.append(f"{item}/{code}.md", f"\n![What it shows]({name})\n")


def png(width: int = 2, height: int = 1, *, more: bytes = b"", noise: bytes = b"") -> bytes:
    """Return a PNG file, with `more` chunks behind the header and `noise` in one of them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x1b\x6b\x3a" * width for _ in range(height)))
    parts = chunk(b"IHDR", header), more, chunk(b"IDAT", rows), chunk(b"tEXt", noise)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check
