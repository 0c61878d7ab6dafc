"""Sets this machine up for many starts of Kafka: its jars, and Java's cache of their classes."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack.errors import StackError
from devstack.progress import show_download
from devstack.servers.class_cache import class_cache, writing_class_cache
from devstack.servers.jar_cache import kafka_classpath
from devstack.servers.kafka import kafka
from devstack.stack.file_lock import file_lock
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.program import Program
from devstack.stack.stack import Stack

_WRITING_SECONDS = 120  # on a busy machine


def make_class_cache(jars: Sequence[Path]) -> Path | None:
    """Return the class cache of these jars, which one start of Kafka makes if it is missing.

    Without it Kafka only starts more slowly: None if it cannot be written. Safe for concurrent
    processes.
    """
    cache = class_cache(jars)
    try:
        with file_lock(cache.with_suffix(".lock")):
            if not cache.exists():
                _make(cache, jars)
    except OSError:
        return cache if cache.exists() else None
    return cache


def _make(cache: Path, jars: Sequence[Path]) -> None:
    draft = cache.with_suffix(".new")
    ports = free_ports(["kafka", "kafka-controller"])
    with TemporaryDirectory(prefix="cppp-kafka-") as name:
        folder = StackFolder(Path(name))
        with Stack(folder, ports, [_that_writes(draft, kafka(folder.data, ports, jars))]):
            pass  # what it needs to start is what every start needs
    draft.replace(cache)


def _that_writes(draft: Path, program: Program) -> Program:
    java, *arguments = program.command
    command = (java, *writing_class_cache(draft), *arguments)
    return replace(program, command=command, restart=False, stop_seconds=_WRITING_SECONDS)


def main() -> None:
    """Download what is missing and make the cache now, so that no test has to wait for it."""
    try:
        make_class_cache(kafka_classpath(show_download))
    except StackError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
