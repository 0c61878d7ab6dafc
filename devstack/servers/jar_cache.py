"""The cache of Kafka's jars: every jar is checked before Kafka starts from it."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError
from devstack.servers.jar_downloads import download
from devstack.servers.jar_lock import Jar, locked_jars, sha256_of
from devstack.stack.file_lock import file_lock
from devstack.stack.folder import require_space

_NEEDED_BYTES = 200_000_000

ShowDownload = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Takes the number of files; yields a callback for the bytes received."""


def kafka_classpath(show: ShowDownload) -> tuple[Path, ...]:
    """Return Kafka's jars, after downloading those that are missing or altered.

    Raises `StackError` if a jar cannot be downloaded, or the cache is not writable.
    """
    return checked_jars(locked_jars(), cache_folder() / "kafka-jars", show)


def checked_jars(jars: Sequence[Jar], folder: Path, show: ShowDownload) -> tuple[Path, ...]:
    """Return `jars` in `folder`, after downloading those that are missing or altered.

    Safe for concurrent processes, and if one of them is killed.

    Raises `StackError` if a jar cannot be downloaded, or the folder is not writable.
    """
    cache = _JarFolder(folder)
    if not cache.is_unchanged(jars):
        _fill(cache, jars, show)
    return tuple(folder / jar.file_name for jar in jars)


def cache_folder() -> Path:
    """Return the folder for downloads, by the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser().absolute() / "cppp"


@dataclass(frozen=True)
class _JarFolder:
    """A folder of jars, with a record of those whose checksum was verified."""

    folder: Path

    def is_unchanged(self, jars: Sequence[Jar]) -> bool:
        """Return whether `jars` are unchanged since they were verified; reads no jar."""
        return self._recorded().items() >= self._fingerprints(jars).items()

    def missing(self, jars: Sequence[Jar]) -> list[Jar]:
        """Return those that are missing or altered; reads all files in full."""
        return [jar for jar in jars if not self._is_intact(jar)]

    def record(self, jars: Sequence[Jar]) -> None:
        """Record that `jars` are verified in their present state."""
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

    def _recorded(self) -> dict[str, str]:
        try:
            recorded: dict[str, str] = json.loads((self.folder / "checked.json").read_text())
        except (OSError, ValueError):
            return {}
        return recorded


def _fill(cache: _JarFolder, jars: Sequence[Jar], show: ShowDownload) -> None:
    try:
        cache.folder.mkdir(parents=True, exist_ok=True)
        with file_lock(cache.folder / "lock"):
            _fill_locked(cache, jars, show)
    except OSError as error:
        if not cache.missing(jars):
            return  # a complete cache may be read-only
        msg = (
            f"Cannot write to {cache.folder} ({error.strerror or error}): free some space or "
            "set XDG_CACHE_HOME to a folder that you can write to."
        )
        raise StackError(msg) from error


def _fill_locked(cache: _JarFolder, jars: Sequence[Jar], show: ShowDownload) -> None:
    missing = cache.missing(jars)
    if missing:
        require_space(cache.folder, _NEEDED_BYTES)
        with show(len(missing)) as on_bytes:
            download(missing, cache.folder, on_bytes)
        shutil.rmtree(cache.folder / "partial", ignore_errors=True)
    cache.record(jars)
