"""A disk of a few hundred megabytes for one program, so that a test can fill it.

It is a tmpfs in a mount namespace of its own: mounting needs no privileges, and the disk disappears
with the last process in the namespace. An idle holder process keeps it mounted while the program
that writes to it restarts.
"""

import errno
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from devstack.errors import StackError
from devstack.stack.program import Program, Stage

_MEGABYTE = 1_000_000
_PAGE_BYTES = 4096
_MOUNT = "mount -t tmpfs -o size={bytes} tmpfs"
_HOLD = _MOUNT + ' "$1" && echo $$ > "$2" && exec sleep infinity'
_PROGRAMS = ("mount", "nsenter", "setpriv", "unshare")
# Entering a namespace changes credentials, which clears the parent-death signal: set it again.
_ENTER = """\
holder=$(cat "$1") && shift || exit
exec nsenter --target "$holder" --mount {users} --wd="$PWD" setpriv --pdeathsig KILL -- "$@"
"""


def why_no_small_disk() -> str | None:
    """Return why this machine does not allow to mount one; None if it does.

    Raises `StackError` if a program for it is not installed.
    """
    if missing := [each for each in _PROGRAMS if shutil.which(each) is None]:
        named = " and ".join(missing)
        msg = f"{named} must be installed: Debian's and Ubuntu's packages util-linux and mount."
        raise StackError(msg)
    command = (*_unshared(), "sh", "-c", _MOUNT.format(bytes=_MEGABYTE) + " /mnt")
    result = subprocess.run(  # noqa: S603 - our own command line
        command, capture_output=True, text=True, check=False
    )
    said = " ".join(result.stderr.split())[:200]
    return said or "mounting fails" if result.returncode else None


@dataclass(frozen=True)
class SmallDisk:
    """A disk of `megabytes`, mounted on the folder `place`."""

    place: Path
    megabytes: int
    name: str = "small-disk"

    def program(self) -> Program:
        """Return the holder process; it must be ready before a program uses the disk."""
        script = _HOLD.format(bytes=self.megabytes * _MEGABYTE)
        return Program(
            name=self.name,
            command=(*_unshared(), "sh", "-c", script, "sh", str(self.place), str(self._holder)),
            is_ready=lambda: self._holder.exists() and self._mount_point.is_mount(),
            stage=Stage.INFRASTRUCTURE,
            prepare=self._prepare,
        )

    def carrying(self, program: Program) -> Program:
        """Return `program`, changed to run with its data on this disk.

        While the disk is full it may fail repeatedly, so it is restarted without limit.
        """
        script = _ENTER.format(users="" if _is_root() else "--user --preserve-credentials")
        return replace(
            program,
            command=("sh", "-c", script, "sh", str(self._holder), *program.command),
            start_seconds=1,
            start_retries=1_000_000,
        )

    def fill(self) -> None:
        """Use up all free space."""
        with self._filler.open("ab") as filler:
            size = self.free_bytes()
            while size >= _PAGE_BYTES:
                size = self.free_bytes() if _extend(filler.fileno(), size) else size // 2

    def free(self) -> None:
        """Free the space that `fill` used."""
        self._filler.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return the free space."""
        state = os.statvfs(self._mount_point)
        return state.f_bavail * state.f_frsize

    @property
    def _holder(self) -> Path:
        return self.place.with_name(f"{self.place.name}.holder")

    @property
    def _mount_point(self) -> Path:
        """The disk through its holder's namespace: outside, the folder is empty."""
        return Path(f"/proc/{int(self._holder.read_text())}/root") / self.place.relative_to("/")

    @property
    def _filler(self) -> Path:
        return self._mount_point / "filler"

    def _prepare(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self._holder.unlink(missing_ok=True)


def _unshared() -> tuple[str, ...]:
    # Root may mount directly; other users become root in a user namespace.
    return ("unshare", "--mount", *(() if _is_root() else ("--map-root-user",)))


def _extend(file: int, size: int) -> bool:
    """Extend a file; return False if there is not enough space."""
    try:
        os.posix_fallocate(file, os.fstat(file).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


def _is_root() -> bool:
    return os.geteuid() == 0
