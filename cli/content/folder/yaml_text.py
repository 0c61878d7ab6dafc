"""Reads YAML as editors mean it, with the line of every field.

Of YAML 1.2's core schema: `true` and `false` alone are truth values, a day stays a text, and a
number with a point stays exact. Repeated keys, anchors and tags are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Final

import yaml
from typing_extensions import override

from cli.content.folder.mistakes import Mistake, Path, Place

_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None, "~": None, "": None}


class YamlError(Exception):
    """The text is no YAML of this kind; has the mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__()
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Yaml:
    """The fields of a text, and their place."""

    fields: Mapping[str, Any]
    place: Place


def read_yaml(text: str, file: PurePosixPath, first_line: int = 1) -> Yaml:
    """Read a text that is a mapping; raises `YamlError`."""
    return _Reading(file, first_line).read(text)


class _Loader(yaml.SafeLoader):
    """Composes nodes without references from one to another."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):  # an alias has one, too
            problem = "anchors are not taken"
            raise yaml.composer.ComposerError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


class _Reading:
    def __init__(self, file: PurePosixPath, first_line: int) -> None:
        self._file = file
        self._first_line = first_line
        self._lines: dict[Path, int] = {}
        self._mistakes: list[Mistake] = []

    def read(self, text: str) -> Yaml:
        node = self._composed(text)
        fields = self._value(node, ()) if node else {}
        if not isinstance(fields, dict):
            self._note(0, "", "Must be fields with values, such as `name: value`.")
        if self._mistakes:
            raise YamlError(self._mistakes)
        return Yaml(fields, Place(self._file, self._lines, self._first_line))

    def _composed(self, text: str) -> yaml.Node | None:
        loader = None
        try:
            loader = _Loader(text)
            return loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            self._note(line, "", f"Must be YAML: {error.problem or 'it cannot be read'}.")
        except RecursionError:
            self._note(0, "", "Must be less deeply nested.")
        except yaml.YAMLError:  # a character that YAML does not take
            self._note(0, "", "Must be YAML: it has a character that cannot be printed.")
        finally:
            if loader:
                loader.dispose()
        raise YamlError(self._mistakes)

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._lines[path] = node.start_mark.line + self._first_line
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._value(each, (*path, n)) for n, each in enumerate(node.value))
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in fields:
                self._note(key.start_mark.line, name, "Must be given once.")
            fields[name] = self._value(value, (*path, name))
            self._lines[(*path, name)] = key.start_mark.line + self._first_line
        return fields

    def _note(self, line: int, field: str, rule: str) -> None:
        self._mistakes.append(Mistake(self._file, line + self._first_line, field, rule))


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):  # in quotation marks, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
