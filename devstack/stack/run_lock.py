"""One run per folder: who has it says where it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import StackError
from devstack.stack.file_lock import try_file_lock


@contextmanager
def run_lock(path: Path, where: str) -> Iterator[None]:
    """Hold `path` while a run lasts; a run that was killed holds nothing.

    Args:
        path: The lock's file.
        where: What somebody who comes second is told.

    Raises:
        StackError: Another run has it.
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
