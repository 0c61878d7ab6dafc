"""A disk of a few hundred megabytes for one program, so that it can be full.

It is in memory, and mounted where only its own processes see it: no rights are needed, and with the
last of these processes it is gone. A process that does nothing holds it, so that what lies on it
outlives the program that writes there.
"""

import errno
import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from devstack.stack.program import Program, Stage

_MEGABYTE = 1_000_000
_PAGE_BYTES = 4096
_MOUNT = "mount -t tmpfs -o size={bytes} tmpfs"
_HOLD = _MOUNT + ' "$1" && echo $$ > "$2" && exec sleep infinity'
# Whoever enters gets other rights, and the kernel forgets that he was to die with his parent.
_ENTER = """\
holder=$(cat "$1") && shift || exit
exec nsenter --target "$holder" --mount {users} --wd="$PWD" setpriv --pdeathsig KILL -- "$@"
"""


def why_no_small_disk() -> str | None:
    """Tell why this machine can have none; None if it can."""
    command = (*_unshared(), "sh", "-c", _MOUNT.format(bytes=_MEGABYTE) + " /mnt")
    try:
        result = subprocess.run(  # noqa: S603 - our own command line
            command, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return f"unshare cannot be run ({error.strerror})"
    said = " ".join(result.stderr.split())[:200]
    return said or "mounting fails" if result.returncode else None


@dataclass(frozen=True)
class SmallDisk:
    """A disk that holds `megabytes`, at the folder `place`."""

    place: Path
    megabytes: int
    name: str = "small-disk"

    def program(self) -> Program:
        """Return what holds the disk; it has to be ready before a program uses it."""
        script = _HOLD.format(bytes=self.megabytes * _MEGABYTE)
        return Program(
            name=self.name,
            command=(*_unshared(), "sh", "-c", script, "sh", str(self.place), str(self._holder)),
            is_ready=lambda: self._holder.exists() and self._inside.is_mount(),
            stage=Stage.INFRASTRUCTURE,
            prepare=self._prepare,
        )

    def carrying(self, program: Program) -> Program:
        """Return `program` as it runs with its data on this disk.

        While the disk is full it may die again and again: it is never given up.
        """
        script = _ENTER.format(users="" if _is_root() else "--user --preserve-credentials")
        return replace(
            program,
            command=("sh", "-c", script, "sh", str(self._holder), *program.command),
            start_seconds=1,
            start_retries=1_000_000,
        )

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._ballast.open("ab") as ballast:
            room = self.free_bytes()
            while room >= _PAGE_BYTES:
                room = self.free_bytes() if _grow(ballast.fileno(), room) else room // 2

    def free(self) -> None:
        """Give back the room that `fill` took."""
        self._ballast.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Tell how much room is left."""
        state = os.statvfs(self._inside)
        return state.f_bavail * state.f_frsize

    @property
    def _holder(self) -> Path:
        return self.place.with_name(f"{self.place.name}.holder")

    @property
    def _inside(self) -> Path:
        """The disk as its holder sees it: elsewhere the folder is empty."""
        return Path(f"/proc/{int(self._holder.read_text())}/root") / self.place.relative_to("/")

    @property
    def _ballast(self) -> Path:
        return self._inside / "ballast"

    def _prepare(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self._holder.unlink(missing_ok=True)


def _unshared() -> tuple[str, ...]:
    # Root may mount as it is; others become root in a namespace of users of their own.
    return ("unshare", "--mount", *(() if _is_root() else ("--map-root-user",)))


def _grow(file: int, size: int) -> bool:
    """Make a file larger, unless somebody else was faster and there is less room than that."""
    try:
        os.posix_fallocate(file, os.fstat(file).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


def _is_root() -> bool:
    return os.geteuid() == 0
