"""Finds services by the files by which Prometheus finds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

_SUFFIXES: Final = (".yml", ".yaml", ".json")  # JSON is YAML


class Target(NamedTuple):
    """One process: the name of its service, and its `host:port`."""

    job: str
    address: str


@dataclass(frozen=True, slots=True)
class Targets:
    """All processes, and the names of files that could not be read."""

    found: Sequence[Target] = ()
    unreadable: Sequence[str] = ()


class _Group(BaseModel):
    targets: list[str]
    labels: dict[str, str] = {}


_GROUPS: Final = TypeAdapter(list[_Group])


def read_targets(folder: Path) -> Targets:
    """Return the targets in a folder of Prometheus' `file_sd` files; never raises."""
    found: set[Target] = set()
    unreadable: list[str] = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix in _SUFFIXES:
            try:
                found |= {*_targets(path.stem, yaml.safe_load(path.read_text()))}
            except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError):
                unreadable.append(path.name)
    if not folder.is_dir():
        unreadable.append(folder.name)
    return Targets(sorted(found), unreadable)


def _targets(name: str, content: Any) -> Iterator[Target]:
    for group in _GROUPS.validate_python(content or []):
        job = group.labels.get("job", name)
        yield from (Target(job, each) for each in group.targets)
