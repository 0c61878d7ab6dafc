"""What lies where in the folder of a stack."""

import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError

_LAST_LINES = 12
_NEEDED_BYTES = 500_000_000  # MongoDB alone lays out 200 MB at its first start


@dataclass(frozen=True)
class StackFolder:
    """The paths inside the folder `root` (absolute) of one stack."""

    root: Path

    @property
    def data(self) -> Path:
        """What Kafka and MongoDB keep."""
        return self.root / "data"

    @property
    def maildir(self) -> Path:
        """Every mail that was sent, as a Maildir."""
        return self.root / "mail"

    @property
    def logs(self) -> Path:
        """One log file per program."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """What a running stack needs: supervisor's files, the lock, and secrets."""
        return self.root / "run"

    @property
    def programs(self) -> Path:
        """Supervisor's configuration and the command line of each program."""
        return self.run / "programs"

    def create(self) -> None:
        """Make the folders that are missing, closed to other users where secrets lie.

        Raises `StackError` if the folder is not writable, or its disk is nearly full.
        """
        try:
            for path in (self.data, self.logs, self.run, self.programs):
                path.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
            _try_to_write(self.run / "writable")
        except OSError as error:
            msg = (
                f"Cannot write to {self.root} ({error.strerror}): give yourself the right to, "
                "free some space, or choose another folder with --folder."
            )
            raise StackError(msg) from error
        require_space(self.root, _NEEDED_BYTES)

    def log(self, name: str) -> str:
        """Return the newest part of what the program `name` wrote."""
        path = self.logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def last_words(self, name: str) -> str:
        """Return the last lines that the program `name` wrote, and where the others are."""
        lines = self.log(name).splitlines()[-_LAST_LINES:]
        said = "".join(f"\n  {line}" for line in lines)
        return f"Its log {self.logs / name}.log ends with:{said or ' nothing'}"

    def secret(self, name: str) -> str:
        """Return the secret `name` of this folder; the first call makes it."""
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
    """Check that the disk of `folder` has room.

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
    """Return a short name of the folder `run`, in which process `pid` works.

    The path of a Unix socket has room for about a hundred characters only; folders of tests
    are often longer.
    """
    return f"/proc/{pid}/cwd" if sys.platform == "linux" else str(run)


def _try_to_write(path: Path) -> None:
    path.write_text("yes")
    path.unlink()
