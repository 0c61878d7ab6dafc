"""One run per folder: the process that holds the lock says where it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import StackError
from devstack.stack.file_lock import try_file_lock


@contextmanager
def run_lock(path: Path, where: str) -> Iterator[None]:
    """Hold the lock file `path` until the block ends or the process dies.

    `where` is shown to a user who starts a second run.

    Raises `StackError` if another run holds it.
    """
    file = try_file_lock(path)
    if file is None:
        msg = f"It runs already: {path.read_text()}"
        raise StackError(msg)
    with file:
        file.truncate(0)
        file.write(where)
        file.flush()
        yield
