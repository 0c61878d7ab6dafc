"""Kafka's jars on this machine: every one is checked before Kafka is started from it."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError
from devstack.progress import show_download
from devstack.servers.jar_downloads import download
from devstack.servers.jar_lock import Jar, locked_jars, sha256_of
from devstack.stack.file_lock import file_lock
from devstack.stack.folder import require_space

_NEEDED_BYTES = 200_000_000

ShowDownload = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Given the number of files, shows progress and takes bytes as they come."""


def kafka_classpath(show: ShowDownload) -> tuple[Path, ...]:
    """Return Kafka's jars, after fetching what is missing or altered.

    Raises `StackError` if a jar cannot be downloaded, or the cache is not writable.
    """
    return checked_jars(locked_jars(), cache_folder() / "kafka-jars", show)


def checked_jars(jars: Sequence[Jar], folder: Path, show: ShowDownload) -> tuple[Path, ...]:
    """Return `jars` in `folder`, after fetching what is missing or altered.

    Several processes may do this at once, and any may be killed in the middle.

    Raises `StackError` if a jar cannot be downloaded, or the folder is not writable.
    """
    shelf = _Shelf(folder)
    if not shelf.knows(jars):
        _fill(shelf, jars, show)
    return tuple(folder / jar.file_name for jar in jars)


def cache_folder() -> Path:
    """Return where downloads are kept, as the XDG base directory specification has it."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser().absolute() / "cppp"


@dataclass(frozen=True)
class _Shelf:
    """A folder of jars, with notes of those whose checksum has been seen to be right."""

    folder: Path

    def knows(self, jars: Sequence[Jar]) -> bool:
        """Tell whether `jars` are as they were when they were noted; no file is read."""
        return self._notes().items() >= self._fingerprints(jars).items()

    def lacking(self, jars: Sequence[Jar]) -> list[Jar]:
        """Return those that are missing or altered; every other one is read in full."""
        return [jar for jar in jars if not self._is_intact(jar)]

    def note(self, jars: Sequence[Jar]) -> None:
        """Remember that `jars` are intact as they are now."""
        draft = self.folder / "checked.json.new"
        draft.write_text(json.dumps(self._fingerprints(jars)))
        draft.replace(self.folder / "checked.json")

    def _is_intact(self, jar: Jar) -> bool:
        try:
            return sha256_of(self.folder / jar.file_name) == jar.sha256
        except OSError:
            return False

    def _fingerprints(self, jars: Sequence[Jar]) -> dict[str, str]:
        return {jar.file_name: self._fingerprint(jar) for jar in jars}

    def _fingerprint(self, jar: Jar) -> str:
        try:
            seen = (self.folder / jar.file_name).stat()
        except OSError:
            return "missing"
        return f"{jar.sha256} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_ino}"

    def _notes(self) -> dict[str, str]:
        try:
            notes: dict[str, str] = json.loads((self.folder / "checked.json").read_text())
        except (OSError, ValueError):
            return {}
        return notes


def _fill(shelf: _Shelf, jars: Sequence[Jar], show: ShowDownload) -> None:
    try:
        shelf.folder.mkdir(parents=True, exist_ok=True)
        with file_lock(shelf.folder / "lock"):
            _fill_alone(shelf, jars, show)
    except OSError as error:
        if not shelf.lacking(jars):
            return  # somebody else's cache, complete: it serves as well
        msg = (
            f"Cannot write to {shelf.folder} ({error.strerror or error}): free some space or "
            "set XDG_CACHE_HOME to a folder that you can write to."
        )
        raise StackError(msg) from error


def _fill_alone(shelf: _Shelf, jars: Sequence[Jar], show: ShowDownload) -> None:
    lacking = shelf.lacking(jars)
    if lacking:
        require_space(shelf.folder, _NEEDED_BYTES)
        with show(len(lacking)) as on_bytes:
            download(lacking, shelf.folder, on_bytes)
        shutil.rmtree(shelf.folder / "partial", ignore_errors=True)
    shelf.note(jars)


def main() -> None:
    """Fetch what is missing now, so that no test waits for it."""
    try:
        kafka_classpath(show_download)
    except StackError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
