"""What is known about the lines of a file: in a temporary file, so that memory stays flat."""

import sqlite3
from collections.abc import Iterable
from typing import Final

_TABLES: Final = """
PRAGMA journal_mode = OFF;
CREATE TABLE accepted (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE contents (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID;
"""


class LineIndex:
    """Keys that were accepted by an earlier run, and the first line of each content."""

    def __init__(self) -> None:
        # Without a name it is a file that SQLite has already removed from its folder.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Free the file."""
        self._database.close()

    def add_accepted(self, keys: Iterable[str]) -> None:
        """Store accepted keys."""
        self._database.executemany(
            "INSERT OR IGNORE INTO accepted VALUES (?)", ((each,) for each in keys)
        )

    def clear_accepted(self) -> None:
        """Forget all accepted keys."""
        self._database.execute("DELETE FROM accepted")

    def is_accepted(self, key: str) -> bool:
        """Return whether a key was accepted."""
        found = self._database.execute("SELECT 1 FROM accepted WHERE key = ?", (key,))
        return found.fetchone() is not None

    def first_line(self, digest: bytes, line: int) -> int:
        """Return the first line with this content: an earlier one, or `line` itself."""
        added = self._database.execute(
            "INSERT OR IGNORE INTO contents VALUES (?, ?)", (digest, line)
        )
        if added.rowcount:
            return line
        found = self._database.execute("SELECT line FROM contents WHERE digest = ?", (digest,))
        first: int = found.fetchone()[0]
        return first
