"""The layout of a stack's folder."""

import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError

_LAST_LINES = 12
_NEEDED_BYTES = 500_000_000  # MongoDB alone allocates 200 MB at its first start


@dataclass(frozen=True)
class StackFolder:
    """The paths inside the folder `root` (absolute) of one stack."""

    root: Path

    @property
    def data(self) -> Path:
        """The data of Kafka and MongoDB."""
        return self.root / "data"

    @property
    def maildir(self) -> Path:
        """All mails that were sent, as a Maildir."""
        return self.root / "mail"

    @property
    def logs(self) -> Path:
        """One log file per program."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """The files of a running stack: supervisor's files, the lock, and secrets."""
        return self.root / "run"

    @property
    def programs(self) -> Path:
        """The supervisor configuration and command line of each program."""
        return self.run / "programs"

    def create(self) -> None:
        """Create the missing folders; the one with secrets is not readable by other users.

        Raises `StackError` if the folder is not writable, or its disk is nearly full.
        """
        try:
            for path in (self.data, self.logs, self.run, self.programs):
                path.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
            _try_to_write(self.run / "writable")
        except OSError as error:
            msg = (
                f"Cannot write to {self.root} ({error.strerror}): change its permissions, "
                "free some space, or choose another folder with --folder."
            )
            raise StackError(msg) from error
        require_space(self.root, _NEEDED_BYTES)

    def log(self, name: str) -> str:
        """Return the current log file of the program `name`."""
        path = self.logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def last_words(self, name: str) -> str:
        """Return the last lines of the program `name`, and the path of its log."""
        lines = self.log(name).splitlines()[-_LAST_LINES:]
        said = "".join(f"\n  {line}" for line in lines)
        return f"Its log {self.logs / name}.log ends with:{said or ' nothing'}"

    def secret(self, name: str) -> str:
        """Return the secret `name` of this folder; the first call creates it."""
        path = self.run / name
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32))
        return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, readable by this user only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def require_space(folder: Path, needed_bytes: int) -> None:
    """Check that the disk of `folder` has enough space.

    Raises `StackError` if it has not.
    """
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        msg = (
            f"The disk of {folder} is nearly full ({free_bytes // 1_000_000} MB left): "
            f"{needed_bytes // 1_000_000} MB are needed."
        )
        raise StackError(msg)


def socket_root(pid: int | str, run: Path) -> str:
    """Return a short path to the folder `run`, the working directory of process `pid`.

    The path of a Unix socket is limited to about a hundred characters; test folders are often
    longer.
    """
    return f"/proc/{pid}/cwd" if sys.platform == "linux" else str(run)


def _try_to_write(path: Path) -> None:
    path.write_text("yes")
    path.unlink()
