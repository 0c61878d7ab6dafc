"""Reads the text of an item in one language: front matter and Markdown."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pydantic import ValidationError

from cli.content.folder.forms import WORDS_FORMS, WordsForm
from cli.content.folder.markdown import Markdown, Reference, read_markdown
from cli.content.folder.mistakes import Mistake, Place
from cli.content.folder.yaml_text import YamlError, read_yaml
from shared.events.content import LONGEST_TEXT

_FRONT_MATTER: Final = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", re.DOTALL)
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A valid text: its front matter, its Markdown, and the line where that begins."""

    place: Place
    words: WordsForm
    text: str
    markdown: Markdown
    first_line: int

    def mistake(self, reference: Reference, rule: str) -> Mistake:
        """Return a mistake in something that the text refers to."""
        line = reference.line + self.first_line
        return Mistake(self.place.file, line, reference.target, rule)


def read_text_file(
    content: str, file: PurePosixPath, kind: str, mistakes: list[Mistake]
) -> TextFile | None:
    """Read a text; note its mistakes, and return nothing if its front matter has any."""
    found = _FRONT_MATTER.match(content)
    if not found:
        rule = "Must begin with a line ---, the fields title and summary, and a line ---."
        mistakes.append(Mistake(file, 1, "", rule))
        return None
    try:
        fields = read_yaml(found[1] or "", file, first_line=2)
    except YamlError as error:
        mistakes += error.mistakes
        return None
    try:
        words = WORDS_FORMS.get(kind, WordsForm).model_validate(fields.fields)
    except ValidationError as error:
        mistakes += fields.place.invalid(error)
        return None
    text, first_line = content[found.end() :], found[0].count("\n") + 1
    markdown = read_markdown(text)
    mistakes += [Mistake(file, n + first_line, "", rule) for n, rule in markdown.broken]
    mistakes += _flaws(text, file, first_line)
    return TextFile(fields.place, words, text.strip("\n"), markdown, first_line)


def _flaws(text: str, file: PurePosixPath, first_line: int) -> list[Mistake]:
    found = []
    if len(text) > LONGEST_TEXT:
        rule = f"Must have at most {LONGEST_TEXT:,} characters."
        found.append(Mistake(file, first_line, "", rule))
    for number, line in enumerate(text.split("\n"), first_line):
        if _UNSEEN.search(line):
            rule = "Must be without control characters and marks that turn the direction of text."
            found.append(Mistake(file, number, "", rule))
    return found
