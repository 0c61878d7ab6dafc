"""One program of the stack, as a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

PROJECT = Path(__file__).parents[2]


class Stage(IntEnum):
    """The order in which programs start; they stop in reverse order."""

    INFRASTRUCTURE = 1
    SERVICES = 2


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Program:
    """A program to supervise: its command, and a check that it is ready.

    `is_ready` returns within about a second and raises nothing. `prepare` runs before the stack
    starts the program, not before a restart by supervisord. A program that ends within
    `start_seconds` has failed; after `start_retries` failures in a row it is not restarted.
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
