"""Finds services by the files by which Prometheus finds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import yaml
from pydantic import BaseModel, TypeAdapter

_FILES: Final = "*.yml"  # as in deploy/prometheus/prometheus.yml
_JOB: Final = "services"  # what Prometheus calls a target without a label


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
    for path in sorted(folder.glob(_FILES)) if folder.is_dir() else ():
        try:
            found |= {*_targets(path.read_text(encoding="utf-8"))}
        except (OSError, ValueError, RecursionError, yaml.YAMLError):
            unreadable.append(path.name)
    if not folder.is_dir():
        unreadable.append(folder.name)
    return Targets(sorted(found), unreadable)


def _targets(text: str) -> Iterator[Target]:
    # To Prometheus a label is text, also one that looks like a number or a date.
    content = yaml.load(text, yaml.BaseLoader)  # noqa: S506  # makes nothing but text
    for group in _GROUPS.validate_python(content or []):
        job = group.labels.get("job", _JOB)
        yield from (Target(job, each) for each in group.targets)
