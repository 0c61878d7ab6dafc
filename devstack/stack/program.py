"""One program of the stack, as a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

PROJECT = Path(__file__).parents[2]


class Stage(IntEnum):
    """When a program starts; it stops in the opposite order."""

    INFRASTRUCTURE = 1
    SERVICES = 2


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Program:
    """A program to supervise: what to run, and how to see that it is ready.

    `is_ready` returns soon (about a second at most) and raises nothing. `prepare` runs once
    before each start of the stack, never before a restart by the supervisor. A program that
    lives for less than `start_seconds` counts as failed; after `start_retries` such failures in
    a row it is given up.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = PROJECT
    stage: Stage = Stage.SERVICES
    prepare: Callable[[], None] = _nothing
    restart: bool = True
    start_seconds: int = 5
    start_retries: int = 3
    ready_seconds: int = 120  # a loaded machine may need long
    stop_signal: str = "TERM"
    stop_seconds: int = 5
