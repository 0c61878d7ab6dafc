"""The outcome of a submitted line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.files.ndjson import Line


class SubmissionError(Exception):
    """No further line can be submitted; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A line was accepted as an application."""

    application_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line was refused with this problem document."""

    problem: Mapping[str, Any]


Outcome = Accepted | Refused
Record = Callable[[Sequence[tuple[Line, Outcome]]], None]
